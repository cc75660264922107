#pragma once
// Everything that changes about a target, in one place for all workers: statistics, circuit, cool-down,
// remaining quota, health probes. Keyed by target id; outlives the snapshots, so a reload forgets nothing.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "kt/routing/average.hpp"
#include "kt/routing/circuit.hpp"
#include "kt/routing/quota.hpp"

namespace kt::routing {

struct TargetStats {
  Average latency;      // seconds, whole answer
  Average first_token;  // seconds, streams
  Average throughput;   // output tokens per second
  Average errors;       // 0 = good, 1 = the target's fault
  std::atomic<std::uint64_t> attempts{0}, failures{0}, rate_limited{0};
  Quantiles first_token_quantiles;  // seconds
  Quantiles output_quantiles;       // output tokens per answer
};

// Health probes: so many good or bad ones in a row turn the verdict.
class ProbeState {
 public:
  void good(const config::HealthProbe& probe);
  void bad(const config::HealthProbe& probe);
  [[nodiscard]] bool healthy() const { return healthy_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> good_{0}, bad_{0};
  std::atomic<bool> healthy_{true};
};

// A group of atomics; every member may be used by every worker at any time.
struct alignas(64) TargetState {
  // What a routing decision reads: one cache line.
  Circuit circuit;
  std::atomic<Millis> cool_until{0};
  Quota quota;
  std::atomic<std::uint32_t> in_flight{0};

  alignas(64) ProbeState probe;
  // Fingerprint of the credential that the target refused; 0 = none, or it has changed since.
  std::atomic<std::uint64_t> refused_key{0};
  TargetStats stats;

  // Nobody sends before `until`. A shorter wait never shortens a longer one.
  void cool_down(Millis until);
};

class TargetStates {
 public:
  // The state of that id; made new when no snapshot has it any more. Locks: for building snapshots only.
  std::shared_ptr<TargetState> of(const std::string& id);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<TargetState>, std::less<>> states_;
};

}  // namespace kt::routing

#pragma once
// One thread's share of the gateway: loop, connections, pools, counters. Nothing here is shared but what says
// so.

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kt/audit/log.hpp"
#include "kt/base/random.hpp"
#include "kt/credential/secrets.hpp"
#include "kt/gateway/snapshot.hpp"
#include "kt/net/listener.hpp"
#include "kt/net/loop.hpp"
#include "kt/net/resolver.hpp"
#include "kt/net/session.hpp"
#include "kt/net/upstream.hpp"
#include "kt/routing/local_store.hpp"
#include "kt/routing/retry_budget.hpp"
#include "kt/routing/target_state.hpp"

namespace kt::gateway {

// Counts of what is rare, so that one place for all workers is good enough.
struct Tally {
  std::atomic<std::uint64_t> further_attempts{0};          // attempts beyond the first of a request
  std::array<std::atomic<std::uint64_t>, 6> refused{};     // by routing::Scope
  std::atomic<std::uint64_t> over_budget{0}, overloaded{0};
};

// What all workers share. Thread-safe each by itself.
struct Shared {
  telemetry::Metrics metrics;
  net::LookupThreads lookups;
  routing::TargetStates targets;
  routing::RetryBudget retries{0.1};
  Tally tally;
  std::atomic<bool> credential_refused{false};  // some target once answered 401 or 403
  Random store_random = Random::from_system();
  routing::LocalStore store{store_random};
  std::atomic<bool> draining{false};
  std::atomic<std::uint64_t> upstream_in_flight{0}, waiting{0};  // waiting: for one of them to end
  std::uint64_t max_concurrency = 0;  // 0 = unlimited
  SteadyTime started = system_clock().steady();
  std::string secrets_dir;
  // Asks for a reload. `done` is called on another thread, once: empty text = done, else why nothing changed.
  std::function<void(std::function<void(std::string why)> done)> request_reload;
  const std::size_t no_target_series =
      metrics.series_id({"none", "none"});  // requests that reached no target
  const std::size_t content_filter_series = metrics.policy_id("azure-content-filter");
};

class Mirror;
class Prober;

class Worker {
 public:
  Worker(Shared& shared, std::shared_ptr<const Snapshot> snapshot);
  ~Worker();

  // On the worker's thread, or before it runs.
  void listen(net::Bound bound, std::shared_ptr<const net::TlsServer> tls);
  void install(std::shared_ptr<const Snapshot> snapshot);

  // This worker runs the health probes; the others do not. Before it runs.
  void watch_targets();

  // Stops accepting, lets exchanges finish; `done` is called when no connection is left.
  void drain(std::function<void()> done);
  void cut() { sessions_.cut(); }

  [[nodiscard]] net::Loop& loop() { return loop_; }
  [[nodiscard]] Shared& shared() { return shared_; }
  [[nodiscard]] const std::shared_ptr<const Snapshot>& snapshot() const { return snapshot_; }
  [[nodiscard]] telemetry::Series& series(std::size_t id) { return shard_.series(id); }
  [[nodiscard]] telemetry::PolicySeries& policy(std::size_t id) { return shard_.policy(id); }
  [[nodiscard]] net::Pool& pool() { return pool_; }
  [[nodiscard]] credential::SecretSource& secrets() { return secrets_; }
  [[nodiscard]] Mirror& mirror() { return *mirror_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] audit::Inbox& audit_inbox() { return audit_inbox_; }
  // Requests that wait for their turn under --max-concurrency, in order.
  [[nodiscard]] std::deque<const void*>& queue() { return queue_; }
  [[nodiscard]] bool draining() const { return sessions_.draining(); }

 private:
  Shared& shared_;
  std::shared_ptr<const Snapshot> snapshot_;
  net::Loop loop_;
  net::Resolver resolver_;
  net::Pool pool_;
  telemetry::Shard& shard_;
  credential::SystemSecrets secrets_;
  Random random_ = Random::from_system();
  audit::Inbox audit_inbox_;
  std::deque<const void*> queue_;
  net::SessionSet sessions_;
  std::unique_ptr<net::Handler> handler_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::unique_ptr<Prober> prober_;
  std::unique_ptr<Mirror> mirror_;
};

}  // namespace kt::gateway

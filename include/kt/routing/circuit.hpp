#pragma once
// The circuit breaker of one target. Closed: requests pass, failures in a row are counted. Open: none passes
// until the cool-down is over. Half-open: a few trial requests at a time decide. One atomic word; no waiting.

#include <atomic>
#include <cstdint>

#include "kt/config/config.hpp"
#include "kt/routing/moment.hpp"

namespace kt::routing {

enum class CircuitState : unsigned char { closed, open, half_open };

// What one attempt said about the target's health.
enum class Health : unsigned char {
  good,
  bad,         // the target's fault
  no_verdict,  // the client's fault, a policy's, a 429, or nobody knows
  locked_out,  // 401 or 403: the credential does not work
};

class Circuit {
 public:
  // A credential that does not work stays out for this long, unless reset() is called before.
  static constexpr Millis kLockedOut = 300'000;

  // What a report did to the circuit: for a log line and the metrics.
  enum class Change : unsigned char { none, opened, closed };

  // What an attempt got, to be handed back with report(). A trial that is never handed back would hold the
  // circuit half-open: use routing::Attempt, whose destructor hands it back.
  enum class Permit : unsigned char { refused, normal, trial };

  [[nodiscard]] Permit admit(const config::CircuitBreaker& breaker, Millis now);
  Change report(Permit permit, Health health, const config::CircuitBreaker& breaker, Millis now);

  // Would admit() let a request through now?
  [[nodiscard]] bool admits(const config::CircuitBreaker& breaker, Millis now) const;
  [[nodiscard]] CircuitState state(Millis now) const;
  // open: time until the first trial; else 0.
  [[nodiscard]] Millis wait(Millis now) const;

  void allow_trial(Millis now);  // a health probe succeeded: an open circuit may be tried at once
  void reset() { word_.store(0, std::memory_order_release); }  // the credential changed

 private:
  std::atomic<std::uint64_t> word_{0};  // state, count (failures or trials), time; see circuit.cpp
};

}  // namespace kt::routing

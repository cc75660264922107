#pragma once
// What to do after each attempt of one request: ask the next target at once, wait and ask again, or answer.
// One loop, one budget. Pure: time and random bits are given.

#include "kt/base/random.hpp"
#include "kt/routing/outcome.hpp"
#include "kt/routing/plan.hpp"
#include "kt/routing/retry_budget.hpp"

namespace kt::routing {

// Compiled from `fallback` and `retry`. Immutable, in the snapshot.
struct CourseRules {
  explicit CourseRules(const config::Config& config);

  bool failover = true;
  unsigned triggers = ~0u;
  std::uint32_t max_failovers = UINT32_MAX;  // without a `fallback` section: all targets
  config::Retry retry;
  [[nodiscard]] bool retries(const Outcome& outcome) const;  // is it one that `retry` repeats?
};

struct Step {
  enum class Kind : unsigned char {
    send,  // make an attempt with `choice`
    wait,  // then call resume()
    stop,  // answer: the best answer so far, or refusal()
  } kind = Kind::stop;
  Choice choice = {};
  Millis delay = 0;
};

class Course {
 public:
  static constexpr Millis kNoDeadline = INT64_MAX;

  Course(const CourseRules& rules, RetryBudget& budget, Plan plan, Millis deadline);

  Step begin(Millis now);
  // After an attempt that failed before the commit point. A client that is gone ends the course by itself.
  Step after(const Outcome& outcome, Millis now, Random& random);
  Step resume(Millis now);

  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }

 private:
  Step next_target(const Outcome& outcome, Millis now);
  Step same_target(const Outcome& outcome, Millis now, Random& random);
  Step send(Choice choice);
  bool allowed(const Choice& choice, unsigned trigger, Millis now);
  [[nodiscard]] Millis back_off(Random& random) const;

  const CourseRules& rules_;
  RetryBudget& budget_;
  Plan plan_;
  const Millis deadline_;
  Choice last_;
  std::uint32_t attempts_ = 0, failovers_ = 0, retries_ = 0;
};

// When no attempt was made at all. 429 and 503 come with the time after which a target may be back.
struct RefusalAnswer {
  Error error;
  Millis retry_after = 0;  // 0 = no header
};
RefusalAnswer answer_of(const Refusal& refusal);

// The moment at which nobody waits for an answer any more: gateway.request_deadline_seconds, and for plain
// answers the client's own x-stainless-read-timeout (seconds), whichever is sooner.
Millis deadline_of(const config::Gateway& gateway, const http::Fields& request, bool stream, Millis now);

// x-stainless-retry-count above 0: the client's own retry of a request that was counted before.
bool is_client_retry(const http::Fields& request);

}  // namespace kt::routing

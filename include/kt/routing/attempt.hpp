#pragma once
// One try on one target, as its state sees it: opened when the request goes out, closed exactly once.

#include "kt/llm/usage.hpp"
#include "kt/routing/outcome.hpp"
#include "kt/routing/plan.hpp"

namespace kt::routing {

class Attempt {
 public:
  // Counts the request as in flight and spends its tokens of the target's remaining quota.
  Attempt(const Choice& choice, const Ask& ask, SteadyTime now);
  // Without finish(): nobody knows what came of it (the client is gone). The circuit's permit goes back.
  ~Attempt();
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  void first_token(SteadyTime now);  // streams; the first call counts

  // Statistics, circuit, cool-down and quota. `usage` as far as it is known. Call once.
  Circuit::Change finish(const Outcome& outcome, const llm::Usage& usage, SteadyTime now);

  [[nodiscard]] const Candidate& candidate() const { return *choice_.candidate; }

 private:
  static constexpr Millis kErrorWindow = 10'000;
  void measure(const llm::Usage& usage, SteadyTime now);

  const Choice choice_;
  const SteadyTime began_;
  SteadyTime first_token_{};
  bool streamed_ = false, finished_ = false;
};

}  // namespace kt::routing

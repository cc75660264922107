#pragma once
// Which target is asked next: one filter over the candidates with a reason for each that is left out, then
// the strategy. See docs/routing.md.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "kt/routing/strategy.hpp"

namespace kt::routing {

// What one model name can be served by. Immutable but for the turn; built with a snapshot.
struct Group {
  std::vector<Candidate> candidates;  // in listed order
  std::unique_ptr<const Strategy> strategy;
  config::CircuitBreaker breaker;
  std::optional<Candidate> mirror;
  double mirror_rate = 0;
  Millis window = 60'000;           // of the statistics
  const Group* fallback = nullptr;  // goes on there when nothing is left; not in a circle

  // Targets of other models with a larger context window, smallest first: asked when the prompt fits none of
  // the group. nullptr = not wanted.
  const Group* larger = nullptr;

  // Nobody else can be asked: then a cool-down is no reason to answer in the target's place.
  [[nodiscard]] bool alone() const { return candidates.size() == 1 && fallback == nullptr; }
  mutable std::atomic<std::uint64_t> turn{0};
};

// Why a candidate is not asked.
enum class Exclusion : unsigned char {
  none,
  tried,           // by this request already
  data_policy,     // not allowed to have the data
  context_window,  // the prompt does not fit
  circuit_open,
  cooling_down,  // it answered 429 and said how long; not when it is the only one
  at_capacity,   // max_parallel_requests
  unhealthy,     // health probes fail: asked only when no better one is left
  quota_low,     // would answer 429: asked only when no better one is left
};
std::string_view name_of(Exclusion exclusion);

Exclusion exclusion_of(const Candidate& candidate, const Ask& ask, const Group& group, Millis now);

// What next() gives: a candidate and what its circuit said. Empty: nothing is left.
struct Choice {
  const Candidate* candidate = nullptr;
  const Group* group = nullptr;
  Circuit::Permit permit = Circuit::Permit::refused;
  explicit operator bool() const { return candidate != nullptr; }
};

// Why nothing could be asked.
struct Refusal {
  Exclusion reason = Exclusion::none;  // of the candidate that comes back first
  Millis wait = 0;                     // until then; 0 = unknown
  const std::string* why = nullptr;    // data_policy: what it says
};

// The course of one request over the candidates. Not thread-safe; belongs to one exchange.
class Plan {
 public:
  Plan(const Group& group, Ask ask);

  // The next target to ask. The permit must be reported (routing::Attempt does).
  Choice next(Millis now);
  // The same target again, when its circuit allows.
  Choice again(const Choice& last, Millis now);
  // Is there one that next() would give?
  [[nodiscard]] bool has_next(Millis now) const;

  // Of the first group, when nothing was asked. Every candidate is excluded then.
  [[nodiscard]] Refusal refusal(Millis now) const;
  // The target that gets a copy of this request, if it is drawn.
  [[nodiscard]] const Candidate* mirror() const;

  [[nodiscard]] const Ask& ask() const { return ask_; }
  [[nodiscard]] const Group* group() const { return first_; }  // the one the request is for

 private:
  [[nodiscard]] bool fill(const Group& group, Millis now, std::vector<const Candidate*>& out) const;
  [[nodiscard]] bool tried(const Candidate& candidate) const;
  [[nodiscard]] const Group* after(const Group& group, Millis now) const;

  const Group* first_;
  const Group* group_;
  Ask ask_;
  std::vector<const TargetState*> tried_;
  std::vector<const Candidate*> choices_;  // scratch
};

}  // namespace kt::routing

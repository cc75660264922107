#include "kt/routing/plan.hpp"

#include <algorithm>

namespace kt::routing {
namespace {

bool last_resort(Exclusion exclusion) {
  return exclusion == Exclusion::unhealthy || exclusion == Exclusion::quota_low;
}

Millis wait_of(const Candidate& candidate, Exclusion exclusion, Millis now) {
  const TargetState& state = *candidate.state;
  if (exclusion == Exclusion::circuit_open) return std::max<Millis>(1, state.circuit.wait(now));
  if (exclusion == Exclusion::cooling_down) return state.cool_until.load(std::memory_order_relaxed) - now;
  return 0;
}

}  // namespace

std::string_view name_of(Exclusion exclusion) {
  constexpr std::string_view kNames[] = {"none",           "tried",        "data_policy",
                                         "context_window", "circuit_open", "cooling_down",
                                         "at_capacity",    "unhealthy",    "quota_low"};
  return kNames[static_cast<std::size_t>(exclusion)];
}

Exclusion exclusion_of(const Candidate& candidate, const Ask& ask, const Group& group, Millis now) {
  const TargetState& state = *candidate.state;
  if (candidate.not_compliant != nullptr) return Exclusion::data_policy;
  if (candidate.max_context_tokens != 0 &&
      ask.input_tokens > static_cast<std::int64_t>(candidate.max_context_tokens))
    return Exclusion::context_window;
  if (!state.circuit.admits(group.breaker, now)) return Exclusion::circuit_open;
  if (state.cool_until.load(std::memory_order_relaxed) > now && !group.alone())
    return Exclusion::cooling_down;
  if (candidate.max_parallel != 0 &&
      state.in_flight.load(std::memory_order_relaxed) >= candidate.max_parallel)
    return Exclusion::at_capacity;
  if (candidate.probed && !state.probe.healthy()) return Exclusion::unhealthy;
  if (state.quota.low(ask.input_tokens + ask.output_tokens, now)) return Exclusion::quota_low;
  return Exclusion::none;
}

Plan::Plan(const Group& group, Ask ask) : first_(&group), group_(&group), ask_(ask) {
  ask_.turn = group.turn.fetch_add(1, std::memory_order_relaxed);
  choices_.reserve(group.candidates.size());
}

bool Plan::tried(const Candidate& candidate) const {
  return std::find(tried_.begin(), tried_.end(), candidate.state.get()) != tried_.end();
}

// The candidates of the best class there is: those without any objection, else the last resorts.
bool Plan::fill(const Group& group, Millis now, std::vector<const Candidate*>& out) const {
  out.clear();
  bool resort = true;
  for (const Candidate& each : group.candidates) {
    if (!tried_.empty() && tried(each)) continue;
    const Exclusion exclusion = exclusion_of(each, ask_, group, now);
    if (exclusion == Exclusion::none && resort) {
      out.clear();
      resort = false;
    }
    if (exclusion == Exclusion::none || (resort && last_resort(exclusion))) out.push_back(&each);
  }
  return !out.empty();
}

Choice Plan::next(Millis now) {
  while (group_ != nullptr) {
    while (fill(*group_, now, choices_)) {
      const Candidate& chosen = *choices_[group_->strategy->choose(choices_, ask_, now)];
      const Circuit::Permit permit = chosen.state->circuit.admit(group_->breaker, now);
      // Another worker took the last trial in the meantime: the filter sees it now.
      if (permit == Circuit::Permit::refused) continue;
      tried_.push_back(chosen.state.get());
      return {&chosen, group_, permit};
    }
    group_ = group_->fallback;
  }
  return {};
}

Choice Plan::again(const Choice& last, Millis now) {
  const Circuit::Permit permit = last.candidate->state->circuit.admit(last.group->breaker, now);
  if (permit == Circuit::Permit::refused) return {};
  return {last.candidate, last.group, permit};
}

bool Plan::has_next(Millis now) const {
  std::vector<const Candidate*> scratch;
  for (const Group* group = group_; group != nullptr; group = group->fallback) {
    if (fill(*group, now, scratch)) return true;
  }
  return false;
}

Refusal Plan::refusal(Millis now) const {
  Refusal refusal;
  for (const Candidate& each : first_->candidates) {
    const Exclusion reason = exclusion_of(each, ask_, *first_, now);
    const Millis wait = wait_of(each, reason, now);
    // A reason that passes says more to the client than one that does not.
    const bool sooner = wait > 0 && (refusal.wait == 0 || wait < refusal.wait);
    if (refusal.reason != Exclusion::none && !sooner) continue;
    refusal = {reason, wait, reason == Exclusion::data_policy ? each.not_compliant : nullptr};
  }
  return refusal;
}

const Candidate* Plan::mirror() const {
  if (!first_->mirror || first_->mirror->not_compliant != nullptr) return nullptr;
  const double drawn = static_cast<double>(ask_.random >> 11) * 0x1p-53;
  return drawn < first_->mirror_rate ? &*first_->mirror : nullptr;
}

}  // namespace kt::routing

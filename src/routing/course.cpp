#include "kt/routing/course.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kt::routing {
namespace {

// Mostly failing: another attempt there is a retry like any other, not a failover to somebody who can help.
bool failing(const Candidate& candidate, Millis now) {
  constexpr Millis kWindow = 10'000;
  const Average& errors = candidate.state->stats.errors;
  return errors.samples(now, kWindow) >= 5 && errors.mean() > 0.5f;
}

// What reached the target and cost it work.
constexpr unsigned kCostly = kServerError | kTimeout;

Millis wished(const Outcome& outcome) { return outcome.quota.retry_after.value_or(0); }

}  // namespace

CourseRules::CourseRules(const config::Config& config) : retry(config.retry) {
  if (!config.fallback.present) return;
  failover = config.fallback.enabled;
  triggers = triggers_of(config.fallback.triggers);
  max_failovers = config.fallback.max_fallback_attempts;
}

bool CourseRules::retries(const Outcome& outcome) const {
  if (!retry.enabled) return false;
  const unsigned trigger = trigger_of(outcome);
  if (trigger == kNoTrigger || trigger == kUnavailable) return false;
  if (outcome.status == 0 || outcome.broken) return true;
  const auto& statuses = retry.retryable_status_codes;
  return std::find(statuses.begin(), statuses.end(), static_cast<std::uint32_t>(outcome.status)) !=
         statuses.end();
}

Course::Course(const CourseRules& rules, RetryBudget& budget, Plan plan, Millis deadline)
    : rules_(rules), budget_(budget), plan_(std::move(plan)), deadline_(deadline) {}

Step Course::send(Choice choice) {
  if (!choice) return {};
  last_ = choice;
  ++attempts_;
  return {Step::Kind::send, choice};
}

Step Course::begin(Millis now) { return send(plan_.next(now)); }

Step Course::after(const Outcome& outcome, Millis now, Random& random) {
  const unsigned trigger = trigger_of(outcome);
  if (trigger == kNoTrigger || now >= deadline_) return {};
  const Step elsewhere = next_target(outcome, now);
  return elsewhere.kind == Step::Kind::send ? elsewhere : same_target(outcome, now, random);
}

bool Course::allowed(const Choice& choice, unsigned trigger, Millis now) {
  if ((trigger & kCostly) == 0) return true;
  if (failing(*choice.candidate, now)) return budget_.take(now);
  budget_.count(now);
  return true;
}

Step Course::next_target(const Outcome& outcome, Millis now) {
  const unsigned trigger = trigger_of(outcome);
  const bool may = trigger == kUnavailable ||
                   (rules_.failover && (trigger & rules_.triggers) != 0 && failovers_ < rules_.max_failovers);
  if (!may) return {};
  const Choice choice = plan_.next(now);
  if (!choice) return {};
  if (!allowed(choice, trigger, now)) {
    choice.candidate->state->circuit.report(choice.permit, Health::no_verdict, choice.group->breaker, now);
    return {};
  }
  ++failovers_;
  return send(choice);
}

Step Course::same_target(const Outcome& outcome, Millis now, Random& random) {
  if (!rules_.retries(outcome) || attempts_ >= rules_.retry.max_attempts) return {};
  // Others can be asked by the next request; this one does not sleep until they may be.
  if (outcome.status == 429 && !last_.group->alone()) return {};
  if (wished(outcome) > millis(rules_.retry.max_delay)) return {};
  const Millis delay = std::max(wished(outcome), back_off(random));
  if (delay >= deadline_ - now || !budget_.take(now)) return {};
  ++retries_;
  return {Step::Kind::wait, {}, delay};
}

Step Course::resume(Millis now) { return now < deadline_ ? send(plan_.again(last_, now)) : Step{}; }

Millis Course::back_off(Random& random) const {
  const double longest = static_cast<double>(rules_.retry.max_delay.count());
  const double delay = std::min(longest, static_cast<double>(rules_.retry.initial_delay.count()) *
                                             std::pow(rules_.retry.backoff_multiplier, retries_));
  // Between half and the whole: clients that failed together do not come back together.
  return static_cast<Millis>(rules_.retry.jitter ? delay * (0.5 + random.uniform() / 2) : delay);
}

RefusalAnswer answer_of(const Refusal& refusal) {
  switch (refusal.reason) {
    case Exclusion::data_policy:
      return {
          {Code::input_blocked, "no target may have this data: " +
                                    (refusal.why != nullptr ? *refusal.why : std::string("not declared"))}};
    case Exclusion::context_window:
      return {{Code::context_length_exceeded, "the prompt is longer than any target of this model takes"}};
    case Exclusion::circuit_open:
      return {{Code::circuit_open, "the targets of this model are failing and not asked for now"},
              refusal.wait};
    case Exclusion::cooling_down:
      return {{Code::rate_limited, "the targets of this model have reached their rate limits"}, refusal.wait};
    case Exclusion::at_capacity:
      return {{Code::overloaded, "the targets of this model have as many requests in flight as allowed"},
              1000};
    default:
      return {{Code::no_healthy_target, "no target of this model is available"}, 1000};
  }
}

Millis deadline_of(const config::Gateway& gateway, const http::Fields& request, bool stream, Millis now) {
  Millis deadline = Course::kNoDeadline;
  if (gateway.request_deadline) deadline = now + millis(*gateway.request_deadline);
  const http::Field* field = stream ? nullptr : request.find("x-stainless-read-timeout");
  if (field == nullptr) return deadline;
  double seconds = 0;
  const char* end = field->value.data() + field->value.size();
  const auto read = std::from_chars(field->value.data(), end, seconds);
  const bool usable = read.ec == std::errc() && read.ptr == end && seconds > 0 && seconds < 1e6;
  return usable ? std::min(deadline, now + static_cast<Millis>(seconds * 1000)) : deadline;
}

bool is_client_retry(const http::Fields& request) {
  const http::Field* field = request.find("x-stainless-retry-count");
  return field != nullptr && !field->value.empty() && field->value != "0";
}

}  // namespace kt::routing

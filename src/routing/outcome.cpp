#include "kt/routing/outcome.hpp"

#include <algorithm>

namespace kt::routing {
namespace {

unsigned trigger_of(Code failure) {
  switch (failure) {
    case Code::upstream_connect:
    case Code::upstream_tls:
    case Code::upstream_dns:
    case Code::upstream_reset:
    case Code::upstream_truncated:
      return kConnectionError;
    case Code::upstream_connect_timeout:
      return kConnectionError | kTimeout;
    case Code::upstream_timeout:
    case Code::upstream_idle_timeout:
      return kTimeout;
    case Code::upstream_protocol:
      return kConnectionError | kServerError;
    case Code::upstream_credential:
      return kUnavailable;
    default:
      return kNoTrigger;
  }
}

// An error event in a stream has no status of its own.
unsigned trigger_of_break(Code failure) {
  const unsigned known = trigger_of(failure);
  const bool too_large = failure == Code::upstream_too_large || failure == Code::client_closed;
  return known != kNoTrigger || too_large ? known : kServerError;
}

}  // namespace

unsigned trigger_of(const Outcome& outcome) {
  if (outcome.broken) return trigger_of_break(outcome.failure);
  if (outcome.status == 0) return trigger_of(outcome.failure);
  if (outcome.status == 429) return kRateLimit;
  if (outcome.status == 408) return kTimeout;
  return outcome.status >= 500 ? kServerError : kNoTrigger;
}

Health health_of(const Outcome& outcome) {
  if (outcome.status == 401 || outcome.status == 403) return Health::locked_out;
  if (outcome.status == 429 && !outcome.broken) return Health::no_verdict;
  const unsigned trigger = trigger_of(outcome);
  if (trigger == kUnavailable) return Health::no_verdict;
  if (trigger != kNoTrigger) return Health::bad;
  return outcome.status >= 200 && outcome.status < 300 && !outcome.broken ? Health::good : Health::no_verdict;
}

unsigned triggers_of(const std::vector<std::string>& names) {
  if (names.empty()) return ~0u;
  unsigned bits = kUnavailable;
  for (const std::string& name : names) {
    if (name == "rate_limit" || name == "rate_limit_exceeded") bits |= kRateLimit;
    if (name == "timeout") bits |= kTimeout;
    if (name == "server_error" || name == "service_unavailable" || name == "5xx") bits |= kServerError;
    if (name == "connection_error") bits |= kConnectionError;
  }
  return bits;
}

bool better_answer(const Outcome& fresh, const Outcome& kept) {
  const auto merit = [](const Outcome& outcome) {
    if (outcome.status == 0 || outcome.broken) return 0;
    return outcome.status == 429 ? 2 : 1;
  };
  if (merit(fresh) != merit(kept)) return merit(fresh) > merit(kept);
  return merit(fresh) != 2 || cool_down_of(fresh.quota) <= cool_down_of(kept.quota);
}

}  // namespace kt::routing

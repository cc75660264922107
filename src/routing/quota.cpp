#include "kt/routing/quota.hpp"

#include <algorithm>
#include <charconv>

#include "routing/http_date.hpp"

namespace kt::routing {
namespace {

constexpr Millis kMinute = 60'000;
constexpr double kLongest = 1e12;  // ms; more is nonsense

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > kLongest)
    return std::nullopt;
  return value;
}

// What an answer's fields say, found in one pass over them.
struct Said {
  std::string_view retry_ms, retry, limit_requests, limit_tokens, left_requests, left_tokens, reset_requests,
      reset_tokens, old_reset_requests, old_reset_tokens;
};

constexpr std::pair<std::string_view, std::string_view Said::*> kNames[] = {
    {"retry-after-ms", &Said::retry_ms},
    {"retry-after", &Said::retry},
    {"x-ratelimit-limit-requests", &Said::limit_requests},
    {"x-ratelimit-limit-tokens", &Said::limit_tokens},
    {"x-ratelimit-remaining-requests", &Said::left_requests},
    {"x-ratelimit-remaining-tokens", &Said::left_tokens},
    {"x-ratelimit-reset-requests", &Said::reset_requests},
    {"x-ratelimit-reset-tokens", &Said::reset_tokens},
    {"x-rate-limit-reset-requests", &Said::old_reset_requests},
    {"x-rate-limit-reset-tokens", &Said::old_reset_tokens}};

bool same_name(std::string_view field, std::string_view name) {
  return field.size() == name.size() && std::equal(field.begin(), field.end(), name.begin(), [](char a, char b) {
           return a == b || (a >= 'A' && a <= 'Z' && (a | 0x20) == b);
         });
}

Said read_said(const http::Fields& fields) {
  Said said;
  for (const http::Field& field : fields) {
    for (const auto& [name, member] : kNames) {
      if (same_name(field.name, name)) said.*member = field.value;
    }
  }
  return said;
}

std::optional<std::int64_t> count(std::string_view text) {
  const auto value = number(text);
  return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

std::optional<Millis> reset(std::string_view text, std::string_view old_text) {
  if (!text.empty()) return read_reset(text);
  const auto value = number(old_text);  // Azure in 2023: seconds
  return value ? std::optional(static_cast<Millis>(*value * 1000)) : std::nullopt;
}

std::optional<Millis> retry_after(const Said& said, const Clock& clock) {
  if (const auto value = number(said.retry_ms)) return static_cast<Millis>(*value);
  if (const auto value = number(said.retry)) return static_cast<Millis>(*value * 1000);
  const auto date = read_http_date(said.retry);
  if (!date) return std::nullopt;
  return std::max<Millis>(0, millis(*date - clock.wall()));
}

std::optional<double> unit(std::string_view& text) {
  if (text.starts_with("ms")) {
    text.remove_prefix(2);
    return 1;
  }
  constexpr std::pair<char, double> kUnits[] = {{'s', 1e3}, {'m', 6e4}, {'h', 3.6e6}, {'d', 8.64e7}};
  for (const auto& [letter, length] : kUnits) {
    if (!text.starts_with(letter)) continue;
    text.remove_prefix(1);
    return length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Millis> read_reset(std::string_view text) {
  if (const auto plain = number(text)) return static_cast<Millis>(*plain);
  double sum = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto value = number(text.substr(0, digits));
    text.remove_prefix(digits);
    const auto length = unit(text);
    if (!value || !length) return std::nullopt;
    sum += *value * *length;
  }
  return sum <= kLongest ? std::optional(static_cast<Millis>(sum)) : std::nullopt;
}

QuotaSignals read_quota(const http::Fields& fields, const Clock& clock) {
  const Said said = read_said(fields);
  return {.retry_after = retry_after(said, clock),
          .limit_requests = count(said.limit_requests),
          .limit_tokens = count(said.limit_tokens),
          .remaining_requests = count(said.left_requests),
          .remaining_tokens = count(said.left_tokens),
          .reset_requests = reset(said.reset_requests, said.old_reset_requests),
          .reset_tokens = reset(said.reset_tokens, said.old_reset_tokens)};
}

Millis cool_down_of(const QuotaSignals& signals) {
  Millis wait = 0;
  if (signals.retry_after) {
    wait = *signals.retry_after;
  } else {
    // Of two limits only the one that is used up has to be waited for; unknown counts as used up.
    if (signals.remaining_requests.value_or(0) <= 0)
      wait = std::max(wait, signals.reset_requests.value_or(0));
    if (signals.remaining_tokens.value_or(0) <= 0) wait = std::max(wait, signals.reset_tokens.value_or(0));
  }
  return wait > 0 ? std::min(wait, kMaxCoolDown) : kDefaultCoolDown;
}

std::optional<std::int64_t> Quota::Count::at(Millis age) const {
  const std::int64_t known = left.load(std::memory_order_relaxed);
  if (known == kUnknown || age > kMinute) return std::nullopt;
  const std::int64_t whole = limit.load(std::memory_order_relaxed);
  if (whole <= 0) return known;
  const double back = static_cast<double>(whole) * static_cast<double>(age) / kMinute;
  return std::min(whole, known + static_cast<std::int64_t>(back));
}

void Quota::observe(const QuotaSignals& signals, Millis now) {
  if (!signals.remaining_requests && !signals.remaining_tokens) return;
  const auto take = [](Count& count, const auto& left, const auto& limit) {
    count.limit.store(limit.value_or(0), std::memory_order_relaxed);
    count.left.store(left.value_or(kUnknown), std::memory_order_relaxed);
  };
  take(requests_, signals.remaining_requests, signals.limit_requests);
  take(tokens_, signals.remaining_tokens, signals.limit_tokens);
  observed_.store(now, std::memory_order_relaxed);
}

void Quota::spend(std::int64_t tokens) {
  const auto less = [](Count& count, std::int64_t cost) {
    if (count.left.load(std::memory_order_relaxed) != kUnknown)
      count.left.fetch_sub(cost, std::memory_order_relaxed);
  };
  less(requests_, 1);
  less(tokens_, tokens);
}

bool Quota::still_low(std::int64_t tokens, Millis now) const {
  const Millis age = std::max<Millis>(0, now - observed_.load(std::memory_order_relaxed));
  const auto requests = requests_.at(age), rest = tokens_.at(age);
  return (requests && *requests < 1) || (rest && *rest < tokens);
}

std::optional<std::int64_t> Quota::requests_left(Millis now) const {
  return requests_.at(std::max<Millis>(0, now - observed_.load(std::memory_order_relaxed)));
}

std::optional<std::int64_t> Quota::tokens_left(Millis now) const {
  return tokens_.at(std::max<Millis>(0, now - observed_.load(std::memory_order_relaxed)));
}

}  // namespace kt::routing

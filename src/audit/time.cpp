#include "kt/audit/time.hpp"

#include <charconv>

namespace kt::audit {
namespace {

bool eat_digits(std::string_view& text, std::size_t count, int& out) {
  if (text.size() < count) return false;
  out = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return true;
}

bool eat(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<WallTime> eat_date(std::string_view& text) {
  int year = 0, month = 0, day = 0;
  if (!eat_digits(text, 4, year) || !eat(text, '-') || !eat_digits(text, 2, month) || !eat(text, '-') ||
      !eat_digits(text, 2, day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return WallTime(std::chrono::sys_days(date));
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  auto time = eat_date(text);
  int hour = 0, minute = 0, second = 0, micros = 0;
  if (!time || !eat(text, 'T') || !eat_digits(text, 2, hour) || !eat(text, ':') ||
      !eat_digits(text, 2, minute) || !eat(text, ':') || !eat_digits(text, 2, second) || hour > 23 ||
      minute > 59 || second > 60)
    return std::nullopt;
  if (eat(text, '.')) {
    int digits = 0, digit = 0;
    for (; digits < 6 && eat_digits(text, 1, digit); ++digits) micros = micros * 10 + digit;
    if (digits == 0) return std::nullopt;
    for (; digits < 6; ++digits) micros *= 10;
  }
  if (text != "Z") return std::nullopt;
  return *time + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         std::chrono::microseconds(micros);
}

std::optional<WallTime> parse_moment(std::string_view text, WallTime now) {
  if (const auto exact = parse_rfc3339(text)) return exact;
  std::string_view left = text;
  if (const auto date = eat_date(left); date && left.empty()) return date;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end + 1 != text.data() + text.size() || count < 0 || count > 1'000'000)
    return std::nullopt;
  switch (*end) {
    case 's':
      return now - std::chrono::seconds(count);
    case 'm':
      return now - std::chrono::minutes(count);
    case 'h':
      return now - std::chrono::hours(count);
    case 'd':
      return now - std::chrono::hours(24 * count);
    default:
      return std::nullopt;
  }
}

}  // namespace kt::audit

#include "kt/routing/consumers.hpp"

#include <algorithm>
#include <cstring>

namespace kt::routing {
namespace {

// All ones when equal, else zero; the time depends on nothing.
std::uint64_t same(const Digest& a, const Digest& b) {
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < a.size(); i += 8) {
    std::uint64_t x = 0, y = 0;
    std::memcpy(&x, a.data() + i, 8);
    std::memcpy(&y, b.data() + i, 8);
    difference |= x ^ y;
  }
  return ((difference | (0 - difference)) >> 63) - 1;
}

std::string_view bearer(std::string_view value) {
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if ((value[i] | 0x20) != kScheme[i] && value[i] != kScheme[i]) return {};
  }
  value.remove_prefix(kScheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

Millis until_tomorrow(WallTime wall) {
  return millis(std::chrono::floor<std::chrono::days>(wall) + std::chrono::days(1) - wall);
}

Millis until_next_month(WallTime wall) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(wall)};
  const auto next = today.year() / today.month() / 1 + std::chrono::months(1);
  return millis(WallTime(std::chrono::sys_days(next)) - wall);
}

bool exceeds(const std::optional<double>& usd, std::int64_t nano_usd) {
  return usd && static_cast<double>(nano_usd) > *usd * 1e9;
}

bool exceeds(const std::optional<std::uint64_t>& most, std::int64_t tokens) {
  return most && tokens > 0 && static_cast<std::uint64_t>(tokens) > *most;
}

}  // namespace

std::optional<Digest> read_digest(std::string_view hex) {
  Digest digest;
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const char c = hex[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return std::nullopt;
    auto& byte = digest[i / 2];
    byte = static_cast<unsigned char>(i % 2 == 0 ? digit << 4 : byte | digit);
  }
  return digest;
}

const config::Consumer* Consumers::find(std::string_view key) const {
  if (key.empty()) return nullptr;
  const Digest digest = sha256(key);
  std::uintptr_t found = 0;
  for (const ConsumerKey& each : keys_)
    found |= reinterpret_cast<std::uintptr_t>(each.consumer) & same(digest, each.digest) &
             (found == 0 ? ~std::uintptr_t{0} : 0);
  return reinterpret_cast<const config::Consumer*>(found);
}

const config::Consumer* Consumers::find(const http::Fields& request) const {
  const config::Consumer* found = nullptr;
  if (const http::Field* field = request.find("authorization")) found = find(bearer(field->value));
  const http::Field* field = request.find("api-key");
  if (found == nullptr && field != nullptr) found = find(field->value);
  return found;
}

bool may_use(const config::Consumer& consumer, std::string_view model) {
  return consumer.models.empty() ||
         std::find(consumer.models.begin(), consumer.models.end(), model) != consumer.models.end();
}

BudgetAnswer within_budget(const config::Budget& budget, const Spent& spent, Spend more, WallTime wall) {
  if (exceeds(budget.monthly_usd, spent.month.nano_usd + more.nano_usd))
    return {false, "monthly_usd", until_next_month(wall)};
  if (exceeds(budget.monthly_tokens, spent.month.tokens + more.tokens))
    return {false, "monthly_tokens", until_next_month(wall)};
  if (exceeds(budget.daily_usd, spent.day.nano_usd + more.nano_usd))
    return {false, "daily_usd", until_tomorrow(wall)};
  if (exceeds(budget.daily_tokens, spent.day.tokens + more.tokens))
    return {false, "daily_tokens", until_tomorrow(wall)};
  return {};
}

Spend spend_of(PicoUsd cost, std::uint64_t tokens) {
  const std::int64_t nano = cost / 1000 + (cost % 1000 > 0 ? 1 : 0);
  return {nano, static_cast<std::int64_t>(std::min<std::uint64_t>(tokens, INT64_MAX))};
}

}  // namespace kt::routing

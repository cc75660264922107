#include "kt/routing/limits.hpp"

#include <algorithm>
#include <cmath>

#include "routing/address.hpp"

namespace kt::routing {
namespace {

constexpr Millis kMinute = 60'000;

std::int64_t amount(std::uint64_t value) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX / 2));
}

void add_requests(Charges& charges, const config::RateLimit& limit, Scope scope, std::string_view name) {
  if (limit.enabled) charges.add({scope, Unit::requests, name, amount(limit.max), millis(limit.window), 1});
}

void add_rates(Charges& charges, const config::RateLimits& limits, Scope scope, std::string_view name,
               std::int64_t tokens) {
  if (limits.max_parallel_requests)
    charges.add({scope, Unit::in_flight, name, amount(*limits.max_parallel_requests), 0, 1});
  if (limits.rpm) charges.add({scope, Unit::requests, name, amount(*limits.rpm), kMinute, 1});
  if (limits.tpm) charges.add({scope, Unit::tokens, name, amount(*limits.tpm), kMinute, tokens});
}

// Whose tokens are counted together; nothing to name = everybody's.
std::string_view token_name(const config::RateLimit& limit, const Caller& caller) {
  if (limit.scope == "ip") return caller.ip;
  if (limit.scope == "user") return caller.user;
  if (limit.scope == "consumer" && caller.consumer != nullptr) return caller.consumer->id;
  return {};
}

std::string spell(Millis span) {  // as OpenAI writes it: 250ms, 8.64s
  if (span < 1000) return std::to_string(span) + "ms";
  std::string text = std::to_string(span / 1000);
  std::string fraction = std::to_string(span % 1000 + 1000).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return text + (fraction.empty() ? "" : "." + fraction) + "s";
}

void line(std::string& out, std::string_view name, const std::string& value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

void allowance(std::string& out, const Allowance& allowance, const std::string& unit) {
  if (allowance.limit == 0) return;
  line(out, "x-ratelimit-limit-" + unit, std::to_string(allowance.limit));
  line(out, "x-ratelimit-remaining-" + unit, std::to_string(allowance.remaining));
  line(out, "x-ratelimit-reset-" + unit, spell(allowance.reset));
}

}  // namespace

Charges charges_of(const config::Config& config, const Caller& caller, std::int64_t tokens) {
  Charges charges;
  add_requests(charges, config.global_rate_limit, Scope::global, {});
  add_requests(charges, config.ip_rate_limit, Scope::ip, caller.ip);
  if (!caller.user.empty()) add_requests(charges, config.user_rate_limit, Scope::user, caller.user);
  const config::RateLimit& limit = config.token_rate_limit;
  if (limit.enabled)
    charges.add({Scope::token, Unit::tokens, token_name(limit, caller), amount(limit.max),
                 millis(limit.window), tokens});
  if (caller.consumer != nullptr)
    add_rates(charges, caller.consumer->rate_limits, Scope::consumer, caller.consumer->id, tokens);
  return charges;
}

Charges charges_of(const config::Target& target, std::int64_t tokens) {
  Charges charges;
  add_rates(charges, target.rate_limits, Scope::target, target.id, tokens);
  return charges;
}

std::string limit_address(const std::string& peer, const http::Fields& request,
                          std::uint32_t trust_proxy_depth) {
  std::string_view list;
  std::string joined;
  if (trust_proxy_depth > 0) {
    for (const http::Field& field : request) {  // several lines are one list (RFC 9110 5.3)
      if (is_forwarded_for(field.name)) joined.append(joined.empty() ? "" : ",").append(field.value);
    }
    list = joined;
  }
  for (std::uint32_t hop = 1; hop < trust_proxy_depth && !list.empty(); ++hop) {
    const std::size_t comma = list.rfind(',');
    list = comma == list.npos ? std::string_view() : list.substr(0, comma);
  }
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == list.npos ? list : list.substr(comma + 1);
  const std::string network = network_of(last);
  return network.empty() ? network_of(peer) : network;
}

std::string user_of(const config::RateLimit& limit, const http::Fields& request) {
  for (const std::string& name : limit.header_names) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    const http::Field* field = request.find(lower);
    if (field != nullptr && !field->value.empty()) return std::string(field->value);
  }
  return {};
}

std::int64_t output_estimate(std::optional<std::uint64_t> max_tokens, std::optional<double> learned,
                             std::uint64_t choices) {
  const std::int64_t each = max_tokens ? amount(*max_tokens)
                            : learned  ? static_cast<std::int64_t>(std::ceil(std::min(*learned, 1e9)))
                                       : kUnknownOutput;
  const auto many = static_cast<std::int64_t>(std::clamp<std::uint64_t>(choices, 1, 128));
  return std::min<std::int64_t>(each, 1'000'000'000'000) * many;
}

void retry_fields(Millis wait, std::string& out) {
  line(out, "retry-after", std::to_string((wait + 999) / 1000));
  line(out, "retry-after-ms", std::to_string(wait));
}

void refusal_fields(const Taken& taken, std::string& out) {
  if (taken.wait > 0) {
    retry_fields(taken.wait, out);
  } else {
    line(out, "x-should-retry", "false");
  }
  allowance_fields(taken, out);
}

void allowance_fields(const Taken& taken, std::string& out) {
  allowance(out, taken.requests, "requests");
  allowance(out, taken.tokens, "tokens");
}

std::string refusal_text(const Taken& taken) {
  constexpr std::string_view kUnits[] = {"requests", "tokens", "requests in flight"};
  const std::string what(kUnits[static_cast<std::size_t>(taken.unit)]);
  const std::string scope(name_of(taken.scope));
  if (taken.wait == 0)
    return "this request alone needs more " + what + " than the limit (" + scope + ") allows";
  return "the limit of " + what + " (" + scope + ") is reached";
}

}  // namespace kt::routing

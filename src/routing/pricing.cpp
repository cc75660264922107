#include "kt/routing/pricing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kt::routing {
namespace {

PicoUsd per_token(double usd_per_million) { return std::llround(usd_per_million * 1e6); }

constexpr PicoUsd kMost = std::numeric_limits<PicoUsd>::max();

PicoUsd times(std::uint64_t tokens, PicoUsd price) {
  PicoUsd product = 0;
  const bool wide = tokens > static_cast<std::uint64_t>(kMost);
  return wide || __builtin_mul_overflow(static_cast<PicoUsd>(tokens), price, &product) ? kMost : product;
}

PicoUsd plus(PicoUsd a, PicoUsd b) {
  PicoUsd sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kMost : sum;
}

}  // namespace

Price price_of(const config::Target& target) {
  if (!target.pricing) return {};
  const config::Pricing& pricing = *target.pricing;
  return {per_token(pricing.input), per_token(pricing.output),
          per_token(pricing.cached_input.value_or(pricing.input)),
          per_token(pricing.reasoning.value_or(pricing.output)), true};
}

PicoUsd cost_of(const Price& price, const llm::Usage& usage) {
  const std::uint64_t cached = std::min(usage.cached, usage.input);
  const std::uint64_t reasoning = std::min(usage.reasoning, usage.output);
  const PicoUsd in = plus(times(usage.input - cached, price.input), times(cached, price.cached_input));
  const PicoUsd out = plus(times(usage.output - reasoning, price.output), times(reasoning, price.reasoning));
  return plus(in, out);
}

std::string usd_text(PicoUsd cost) {
  const bool negative = cost < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(cost) : static_cast<std::uint64_t>(cost);
  std::string fraction = std::to_string(size % kPicoPerUsd);
  fraction.insert(0, 12 - fraction.size(), '0');
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  std::string text = (negative ? "-" : "") + std::to_string(size / kPicoPerUsd);
  return fraction.empty() ? text : text + "." + fraction;
}

PicoUsd pico_usd(double usd) {
  const double value = usd * static_cast<double>(kPicoPerUsd);
  if (!(value < 9.2e18)) return kMost;
  return std::llround(std::max(value, -9.2e18));
}

}  // namespace kt::routing

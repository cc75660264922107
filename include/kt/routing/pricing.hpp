#pragma once
// Cost of a request, exact: whole pico-USD. 1 USD per million tokens = 1,000,000 pico-USD per token, so every
// price with up to six decimals per million tokens is a whole number.

#include <cstdint>
#include <string>

#include "kt/config/config.hpp"
#include "kt/llm/usage.hpp"

namespace kt::routing {

using PicoUsd = std::int64_t;
inline constexpr PicoUsd kPicoPerUsd = 1'000'000'000'000;

// Per token.
struct Price {
  PicoUsd input = 0, output = 0, cached_input = 0, reasoning = 0;
  bool known = false;  // false: the target has no `pricing`
};

// `cached_input` and `reasoning` fall back to input and output.
Price price_of(const config::Target& target);

// Cached tokens are part of the input, reasoning tokens of the output; each token is paid once. Saturates
// instead of overflowing.
PicoUsd cost_of(const Price& price, const llm::Usage& usage);

// "0.00012345": exact, without trailing zeros. What record, header and metrics show comes from here.
std::string usd_text(PicoUsd cost);

// From USD as the configuration writes it; rounds to the nearest pico-USD.
PicoUsd pico_usd(double usd);

}  // namespace kt::routing

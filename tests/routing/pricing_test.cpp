#include "kt/routing/pricing.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace kt::routing {
namespace {

config::Target priced(config::Pricing pricing) {
  config::Target target;
  target.pricing = pricing;
  return target;
}

TEST(Pricing, IsExact) {
  const Price price = price_of(priced({.input = 2.5, .output = 10}));
  const PicoUsd cost = cost_of(price, {.present = true, .input = 1234, .output = 567});
  EXPECT_EQ(cost, PicoUsd{1234} * 2'500'000 + PicoUsd{567} * 10'000'000);
  EXPECT_EQ(usd_text(cost), "0.008755");
}

TEST(Pricing, CachedAndReasoningTokensArePricedApart) {
  const Price price = price_of(priced({.input = 2, .output = 8, .cached_input = 0.5, .reasoning = 16}));
  const llm::Usage usage{.present = true, .input = 100, .output = 50, .cached = 60, .reasoning = 20};
  EXPECT_EQ(cost_of(price, usage), (40 * 2 + 60 / 2 + 30 * 8 + 20 * 16) * 1'000'000);
}

TEST(Pricing, WithoutTheirOwnPriceTheyCostWhatTheOthersDo) {
  const Price price = price_of(priced({.input = 2, .output = 8}));
  const llm::Usage usage{.present = true, .input = 100, .output = 50, .cached = 60, .reasoning = 20};
  EXPECT_EQ(cost_of(price, usage), (100 * 2 + 50 * 8) * 1'000'000);
}

TEST(Pricing, APartLargerThanTheWholeIsCut) {
  const Price price = price_of(priced({.input = 2, .output = 8, .cached_input = 1}));
  EXPECT_EQ(cost_of(price, {.present = true, .input = 10, .cached = 99}), 10 * 1'000'000);
}

TEST(Pricing, HugeCountsSaturate) {
  const Price price = price_of(priced({.input = 1e6, .output = 1e6}));
  const std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(cost_of(price, {.present = true, .input = huge, .output = huge}),
            std::numeric_limits<PicoUsd>::max());
}

TEST(Pricing, WithoutPricingThePriceIsUnknownAndTheCostZero) {
  const Price price = price_of(config::Target());
  EXPECT_FALSE(price.known);
  EXPECT_EQ(cost_of(price, {.present = true, .input = 10, .output = 10}), 0);
}

TEST(Pricing, TextHasNoTrailingZerosAndNoExponent) {
  EXPECT_EQ(usd_text(0), "0");
  EXPECT_EQ(usd_text(1), "0.000000000001");
  EXPECT_EQ(usd_text(37'500), "0.0000000375");
  EXPECT_EQ(usd_text(12 * kPicoPerUsd + kPicoPerUsd / 4), "12.25");
  EXPECT_EQ(usd_text(-kPicoPerUsd), "-1");
  EXPECT_EQ(pico_usd(0.1), kPicoPerUsd / 10);
}

}  // namespace
}  // namespace kt::routing

#include "kt/routing/quota.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace kt::routing {
namespace {

// 2026-01-31T12:00:00Z
constexpr WallTime kNoon{std::chrono::microseconds(1'769'860'800'000'000)};

struct Noon final : Clock {
  SteadyTime steady() const override { return {}; }
  WallTime wall() const override { return kNoon; }
};

QuotaSignals read(const std::vector<http::Field>& list) {
  http::Fields fields;
  for (const http::Field& field : list) fields.items[fields.count++] = field;
  return read_quota(fields, Noon());
}

TEST(Quota, ReadsAzuresAnswerOf2026) {
  const QuotaSignals signals = read({{"x-ratelimit-limit-requests", "120"},
                                     {"x-ratelimit-limit-tokens", "120000"},
                                     {"X-RateLimit-Remaining-Requests", "119"},
                                     {"x-ratelimit-remaining-tokens", "119986"},
                                     {"x-ratelimit-reset-requests", "500"},
                                     {"x-ratelimit-reset-tokens", "7"}});
  EXPECT_EQ(signals.limit_requests, 120);
  EXPECT_EQ(signals.remaining_requests, 119);
  EXPECT_EQ(signals.remaining_tokens, 119986);
  EXPECT_EQ(signals.reset_requests, 500);  // milliseconds
  EXPECT_EQ(signals.reset_tokens, 7);
  EXPECT_EQ(signals.retry_after, std::nullopt);
}

TEST(Quota, RetryAfterInEveryFormThatIsSent) {
  EXPECT_EQ(read({{"retry-after-ms", "1234"}, {"retry-after", "9"}}).retry_after, 1234);
  EXPECT_EQ(read({{"retry-after", "9"}}).retry_after, 9000);
  EXPECT_EQ(read({{"retry-after", "0.5"}}).retry_after, 500);
  EXPECT_EQ(read({{"retry-after", "Sat, 31 Jan 2026 12:01:30 GMT"}}).retry_after, 90'000);
  EXPECT_EQ(read({{"retry-after", "Sat, 31 Jan 2026 11:00:00 GMT"}}).retry_after, 0);
  EXPECT_EQ(read({{"retry-after-ms", "soon"}, {"retry-after", "2"}}).retry_after, 2000);
}

TEST(Quota, WhatCannotBeReadIsNotSaid) {
  for (const char* bad : {"", "-1", "soon", "1e99", "nan", "inf", "Sat, 31 Feb 2026 12:00:00 GMT",
                          "Saturday, 31-Jan-26 12:00:00 GMT", "Sat, 31 Jan 2026 25:00:00 GMT", "1 2"}) {
    EXPECT_EQ(read({{"retry-after", bad}}).retry_after, std::nullopt) << bad;
    EXPECT_EQ(read({{"x-ratelimit-limit-tokens", bad}}).limit_tokens, std::nullopt) << bad;
  }
}

TEST(Quota, ResetsAsOpenAiAndOldAzureSpellThem) {
  EXPECT_EQ(read_reset("8.64s"), 8640);
  EXPECT_EQ(read_reset("6m0s"), 360'000);
  EXPECT_EQ(read_reset("1h2m3s"), 3'723'000);
  EXPECT_EQ(read_reset("20ms"), 20);
  EXPECT_EQ(read_reset("1d"), 86'400'000);
  for (const char* bad : {"", "s", "6x", "1m1", "--", "1..5s"})
    EXPECT_EQ(read_reset(bad), std::nullopt) << bad;
  EXPECT_EQ(read({{"x-rate-limit-reset-tokens", "55"}}).reset_tokens, 55'000);
}

TEST(Quota, TheCoolDownOfA429) {
  QuotaSignals signals;
  EXPECT_EQ(cool_down_of(signals), kDefaultCoolDown);
  signals.remaining_requests = 50;
  signals.remaining_tokens = 0;
  signals.reset_requests = 90'000;
  signals.reset_tokens = 4'000;
  EXPECT_EQ(cool_down_of(signals), 4'000);  // only the tokens are used up
  signals.retry_after = 700;
  EXPECT_EQ(cool_down_of(signals), 700);
  signals.retry_after = 86'400'000;
  EXPECT_EQ(cool_down_of(signals), kMaxCoolDown);
  signals.retry_after = 0;
  EXPECT_EQ(cool_down_of(signals), kDefaultCoolDown);
}

TEST(Quota, ComesBackEvenlyOverAMinuteAndCountsWhatIsUnderway) {
  Quota quota;
  EXPECT_FALSE(quota.low(1'000'000, 0));  // nothing is known
  QuotaSignals signals;
  signals.limit_requests = 120;
  signals.remaining_requests = 2;
  quota.observe(signals, 1000);
  EXPECT_FALSE(quota.low(0, 1000));
  quota.spend(10);
  quota.spend(10);
  EXPECT_TRUE(quota.low(0, 1000));
  EXPECT_TRUE(quota.low(0, 1499));
  EXPECT_FALSE(quota.low(0, 1500));  // 120 a minute: one each 500 ms
  EXPECT_EQ(quota.requests_left(1000 + 59'999), 119);
  EXPECT_EQ(quota.tokens_left(1000), std::nullopt);
}

TEST(Quota, WithoutALimitTheRestStandsForAMinuteAndIsForgottenThen) {
  Quota quota;
  QuotaSignals signals;
  signals.remaining_tokens = 100;
  quota.observe(signals, 0);
  EXPECT_TRUE(quota.low(101, 60'000));
  EXPECT_FALSE(quota.low(101, 60'001));
}

TEST(Quota, AnAnswerWithoutTheHeadersChangesNothing) {
  Quota quota;
  QuotaSignals signals;
  signals.remaining_requests = 0;
  quota.observe(signals, 0);
  quota.observe({}, 10);
  EXPECT_TRUE(quota.low(0, 20));
}

}  // namespace
}  // namespace kt::routing

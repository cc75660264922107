#include "kt/routing/limits.hpp"

#include <gtest/gtest.h>

namespace kt::routing {
namespace {

http::Fields fields(std::initializer_list<http::Field> list) {
  http::Fields fields;
  for (const http::Field& field : list) fields.items[fields.count++] = field;
  return fields;
}

TEST(Limits, EachConfiguredScopeIsCharged) {
  config::Config config;
  config::Consumer consumer;
  consumer.id = "team";
  consumer.rate_limits = {.rpm = 5, .tpm = 500, .max_parallel_requests = 2};
  const Caller caller{"10.0.0.1", "anna", &consumer};
  EXPECT_EQ(charges_of(config, Caller{"10.0.0.1", "anna"}, 100).count, 0u);
  config.global_rate_limit = {.enabled = true, .max = 10, .window = config::Seconds(1)};
  config.ip_rate_limit = config.user_rate_limit = config.global_rate_limit;
  config.token_rate_limit = {.enabled = true, .max = 1000, .window = config::Seconds(60), .scope = "user"};
  const Charges charges = charges_of(config, caller, 100);
  ASSERT_EQ(charges.count, 7u);
  EXPECT_EQ(charges.items[0].scope, Scope::global);
  EXPECT_EQ(charges.items[0].window, 1000);
  EXPECT_EQ(charges.items[1].name, "10.0.0.1");
  EXPECT_EQ(charges.items[2].name, "anna");
  EXPECT_EQ(charges.items[3].name, "anna");
  EXPECT_EQ(charges.items[3].cost, 100);
  EXPECT_EQ(charges.items[4].unit, Unit::in_flight);
  EXPECT_EQ(charges.items[6].cost, 100);
  EXPECT_EQ(charges.items[6].window, 60'000);
  EXPECT_EQ(charges_of(config, Caller{"10.0.0.1", ""}, 1).count, 3u) << "no user, no user limit";
}

TEST(Limits, TheAddressBehindTrustedProxies) {
  const auto request =
      fields({{"X-Forwarded-For", "203.0.113.7, 198.51.100.2"}, {"x-forwarded-for", "10.1.1.1"}});
  EXPECT_EQ(limit_address("192.0.2.9", request, 0), "192.0.2.9");
  EXPECT_EQ(limit_address("192.0.2.9", request, 1), "10.1.1.1");
  EXPECT_EQ(limit_address("192.0.2.9", request, 2), "198.51.100.2");
  EXPECT_EQ(limit_address("192.0.2.9", request, 3), "203.0.113.7");
  EXPECT_EQ(limit_address("192.0.2.9", request, 4), "192.0.2.9") << "fewer hops than configured";
  EXPECT_EQ(limit_address("192.0.2.9", fields({{"x-forwarded-for", "unknown"}}), 1), "192.0.2.9");
}

TEST(Limits, AnIpv6AddressCountsAsItsNetwork) {
  EXPECT_EQ(limit_address("2001:db8:1:2:3:4:5:6", {}, 0), "2001:db8:1:2::/64");
  EXPECT_EQ(limit_address("[2001:db8:1:2:9::1]:4711", {}, 0), "2001:db8:1:2::/64");
  EXPECT_EQ(limit_address("::ffff:192.0.2.1", {}, 0), "192.0.2.1");
  EXPECT_EQ(limit_address("192.0.2.1:80", {}, 0), "192.0.2.1");
}

TEST(Limits, TheUserIsTheFirstHeaderThatSaysSomething) {
  config::RateLimit limit;
  limit.header_names = {"X-User", "x-user-id"};
  EXPECT_EQ(user_of(limit, fields({{"x-user-id", "b"}, {"x-user", "a"}})), "a");
  EXPECT_EQ(user_of(limit, fields({{"x-user-id", "b"}, {"x-user", ""}})), "b");
  EXPECT_EQ(user_of(limit, {}), "");
}

TEST(Limits, ReservesMaxTokensOrWhatWasLearned) {
  EXPECT_EQ(output_estimate(100, 20.0, 1), 100);
  EXPECT_EQ(output_estimate(std::nullopt, 20.5, 1), 21);
  EXPECT_EQ(output_estimate(std::nullopt, std::nullopt, 3), 3 * kUnknownOutput);
  EXPECT_GT(output_estimate(UINT64_MAX, std::nullopt, UINT64_MAX), 0);
}

TEST(Limits, ARefusalSaysWhenToComeBack) {
  Taken taken;
  taken.granted = false;
  taken.scope = Scope::ip;
  taken.wait = 1250;
  taken.requests = {60, 0, 58'640};
  std::string out;
  refusal_fields(taken, out);
  EXPECT_EQ(out,
            "retry-after: 2\r\nretry-after-ms: 1250\r\nx-ratelimit-limit-requests: 60\r\n"
            "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 58.64s\r\n");
  EXPECT_EQ(refusal_text(taken), "the limit of requests (ip) is reached");
}

TEST(Limits, WhatCanNeverBeGrantedIsNotToBeRetried) {
  Taken taken;
  taken.granted = false;
  taken.unit = Unit::tokens;
  std::string out;
  refusal_fields(taken, out);
  EXPECT_EQ(out, "x-should-retry: false\r\n");
}

TEST(Limits, AllowancesOfAGrantedRequest) {
  Taken taken;
  taken.tokens = {1000, 400, 250};
  std::string out;
  allowance_fields(taken, out);
  EXPECT_EQ(out,
            "x-ratelimit-limit-tokens: 1000\r\nx-ratelimit-remaining-tokens: 400\r\n"
            "x-ratelimit-reset-tokens: 250ms\r\n");
}

}  // namespace
}  // namespace kt::routing

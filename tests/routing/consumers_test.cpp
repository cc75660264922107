#include "kt/routing/consumers.hpp"

#include <gtest/gtest.h>

namespace kt::routing {
namespace {

http::Fields fields(std::initializer_list<http::Field> list) {
  http::Fields fields;
  for (const http::Field& field : list) fields.items[fields.count++] = field;
  return fields;
}

struct ConsumersTest : ::testing::Test {
  ConsumersTest() {
    all.resize(3);
    std::vector<ConsumerKey> keys;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].id = "team-" + std::to_string(i);
      keys.push_back({&all[i], sha256("key-" + std::to_string(i))});
    }
    consumers = Consumers(std::move(keys), true);
  }
  std::vector<config::Consumer> all;
  Consumers consumers;
};

TEST_F(ConsumersTest, AreFoundByTheirKey) {
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(consumers.find("key-" + std::to_string(i)), &all[i]);
  for (const char* wrong : {"", "key-3", "key-", "KEY-1", " key-1"})
    EXPECT_EQ(consumers.find(wrong), nullptr) << wrong;
}

TEST_F(ConsumersTest, EitherHeaderMayCarryTheKey) {
  EXPECT_EQ(consumers.find(fields({{"Authorization", "Bearer key-1"}})), &all[1]);
  EXPECT_EQ(consumers.find(fields({{"authorization", "bearer  key-1"}})), &all[1]);
  EXPECT_EQ(consumers.find(fields({{"api-key", "key-2"}})), &all[2]);
  EXPECT_EQ(consumers.find(fields({{"authorization", "Bearer unused"}, {"api-key", "key-0"}})), &all[0]);
  EXPECT_EQ(consumers.find(fields({{"authorization", "Basic key-1"}})), nullptr);
  EXPECT_EQ(consumers.find(fields({{"authorization", "key-1"}})), nullptr);
  EXPECT_EQ(consumers.find(fields({{"authorization", "Bearer"}})), nullptr);
  EXPECT_EQ(consumers.find(http::Fields()), nullptr);
}

TEST_F(ConsumersTest, TwoWithOneKeyAreTheFirst) {
  const Consumers twice({{&all[0], sha256("k")}, {&all[1], sha256("k")}}, true);
  EXPECT_EQ(twice.find("k"), &all[0]);
}

TEST_F(ConsumersTest, WithoutTheSectionNoKeyIsNeeded) {
  EXPECT_FALSE(Consumers().required());
  EXPECT_TRUE(consumers.required());
}

TEST_F(ConsumersTest, ModelsAreAnAllowList) {
  EXPECT_TRUE(may_use(all[0], "gpt-4o"));
  all[0].models = {"gpt-4o-mini"};
  EXPECT_FALSE(may_use(all[0], "gpt-4o"));
  EXPECT_TRUE(may_use(all[0], "gpt-4o-mini"));
}

TEST(Digest, IsReadFromHex) {
  const Digest digest = sha256("x");
  EXPECT_EQ(read_digest(hex(digest)), digest);
  EXPECT_EQ(read_digest("abc"), std::nullopt);
  EXPECT_EQ(read_digest(std::string(64, 'g')), std::nullopt);
  EXPECT_EQ(read_digest(std::string(64, 'A')), std::nullopt);
}

TEST(Budget, RefusesWhatWouldExceedItUntilTheNextPeriod) {
  config::Budget budget;
  budget.daily_usd = 1.5;
  budget.monthly_tokens = 1000;
  const WallTime noon{std::chrono::sys_days(std::chrono::year(2026) / 12 / 31) + std::chrono::hours(12)};
  Spent spent;
  spent.day.nano_usd = 1'400'000'000;
  EXPECT_TRUE(within_budget(budget, spent, {100'000'000, 1}, noon).allowed);
  const BudgetAnswer day = within_budget(budget, spent, {100'000'001, 1}, noon);
  EXPECT_FALSE(day.allowed);
  EXPECT_EQ(day.what, "daily_usd");
  EXPECT_EQ(day.wait, 12 * 3'600'000);
  spent.month.tokens = 1000;
  const BudgetAnswer month = within_budget(budget, spent, {0, 1}, noon - std::chrono::days(1));
  EXPECT_EQ(month.what, "monthly_tokens");
  EXPECT_EQ(month.wait, 36 * 3'600'000);
  EXPECT_TRUE(within_budget({}, spent, {INT64_MAX / 2, INT64_MAX / 2}, noon).allowed);
}

TEST(Budget, ABudgetOfNothingAllowsNothingThatCosts) {
  config::Budget budget;
  budget.daily_usd = 0;
  EXPECT_FALSE(within_budget(budget, {}, {1, 0}, WallTime()).allowed);
  EXPECT_TRUE(within_budget(budget, {}, {0, 5}, WallTime()).allowed);
}

TEST(Budget, AStartedNanoUsdCountsWhole) {
  EXPECT_EQ(spend_of(1, 3).nano_usd, 1);
  EXPECT_EQ(spend_of(1000, 3).nano_usd, 1);
  EXPECT_EQ(spend_of(1001, 3).nano_usd, 2);
  EXPECT_EQ(spend_of(0, 3).tokens, 3);
}

}  // namespace
}  // namespace kt::routing

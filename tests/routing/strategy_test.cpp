#include "routing/kit.hpp"

#include <cmath>

#include "kt/base/random.hpp"

namespace kt::routing {
namespace {

using test::Bench;

TEST(Strategy, OrderedAsksInListedOrder) {
  Bench bench(3);
  bench.build();
  EXPECT_EQ(bench.order(), "abc");
}

TEST(Strategy, AnEmptyNameMeansOrdered) {
  Bench bench(2, "");
  bench.build();
  EXPECT_EQ(bench.order(), "ab");
}

TEST(Strategy, AnUnknownNameIsNoStrategy) {
  EXPECT_EQ(make_strategy("quickest", config::Routing()), nullptr);
}

TEST(Strategy, SingleHasNoSecondTarget) {
  Bench bench(3, "single");
  bench.build();
  EXPECT_EQ(bench.order(), "a");
}

TEST(Strategy, RoundRobinTakesTurnsAndSkipsWhoIsOut) {
  Bench bench(3, "round_robin");
  bench.build();
  const auto all = bench.shares(300);
  EXPECT_EQ(all.at("a"), 100);
  EXPECT_EQ(all.at("b"), 100);
  bench.trip("b");
  const auto rest = bench.shares(300);
  EXPECT_EQ(rest.at("a"), 150);  // the one after a missing target gets no double share
  EXPECT_EQ(rest.at("c"), 150);
}

TEST(Strategy, WeightedRoundRobinKeepsTheSharesInEveryRunOfRequests) {
  Bench bench(3, "weighted_round_robin");
  bench.config.targets[0].weight = 6;
  bench.config.targets[1].weight = 3;
  bench.config.targets[2].weight = 1;
  bench.build();
  for (int run = 0; run < 50; ++run) {
    const auto shares = bench.shares(100);
    EXPECT_NEAR(shares.at("a"), 60, 4);
    EXPECT_NEAR(shares.at("b"), 30, 4);
    EXPECT_NEAR(shares.at("c"), 10, 3);
  }
}

TEST(Strategy, AWeightOfZeroGetsNothingButFailover) {
  Bench bench(2, "weighted_round_robin");
  bench.config.targets[0].weight = 0;
  bench.build();
  EXPECT_EQ(bench.shares(100).at("b"), 100);
  EXPECT_EQ(bench.order(), "ba");
}

TEST(Strategy, RandomUsesTheBitsItIsGiven) {
  Bench bench(4, "random");
  bench.build();
  Random random(7);
  std::map<std::string, int> counts;
  for (int i = 0; i < 4000; ++i) ++counts[bench.first({.random = random.next()})];
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_NEAR(counts.at(id), 1000, 120);
  EXPECT_EQ(bench.first({.random = 42}), bench.first({.random = 42}));
}

TEST(Strategy, LeastBusyTakesTheOneWithFewestInFlight) {
  Bench bench(3, "least_busy");
  bench.build();
  bench.state("a").in_flight = 2;
  bench.state("c").in_flight = 1;
  EXPECT_EQ(bench.order(), "bca");
}

TEST(Strategy, LowestCostPricesTheRequestAtHand) {
  Bench bench(3, "lowest_cost");
  bench.config.targets[0].pricing = config::Pricing{.input = 10, .output = 1};
  bench.config.targets[1].pricing = config::Pricing{.input = 1, .output = 10};
  bench.build();
  EXPECT_EQ(bench.order({.input_tokens = 1000, .output_tokens = 10}), "bac");
  EXPECT_EQ(bench.order({.input_tokens = 10, .output_tokens = 1000}), "abc");  // c has no price: last
}

TEST(Strategy, PrioritySharesEquallyInsideAGroupAndLeavesItWhenItIsOut) {
  Bench bench(3, "priority");
  bench.config.targets[0].priority = 1;  // b and c go first
  bench.build();
  const auto shares = bench.shares(100);
  EXPECT_EQ(shares.at("b"), 50);
  EXPECT_EQ(shares.at("c"), 50);
  bench.trip("b");
  bench.trip("c");
  EXPECT_EQ(bench.shares(10).at("a"), 10);
}

TEST(Strategy, StickyKeepsAKeyAndMovesOnlyTheKeysOfATargetThatIsGone) {
  Bench bench(3, "sticky");
  bench.build();
  std::map<std::uint64_t, std::string> home;
  Random random(3);
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t key = random.next();
    home[key] = bench.first({.sticky = key});
    EXPECT_EQ(bench.first({.sticky = key}), home[key]);
  }
  bench.trip("b");
  for (const auto& [key, id] : home) {
    const std::string now = bench.first({.sticky = key});
    EXPECT_EQ(now == id, id != "b");
  }
}

TEST(Strategy, StickySharesFollowTheWeightsOfAModelGroup) {
  Bench bench(2, "ordered");
  bench.model_group.emplace();
  bench.model_group->strategy = "sticky";
  bench.model_group->weights = {{"a", 90}, {"b", 10}};
  bench.build();
  Random random(5);
  int moved = 0;
  for (int i = 0; i < 10000; ++i) moved += bench.first({.sticky = random.next()}) == "b" ? 1 : 0;
  EXPECT_NEAR(moved, 1000, 120);
}

TEST(Strategy, MirrorServesFromTheOthersAndDrawsItsShareOfCopies) {
  Bench bench(3, "mirror");
  bench.config.routing.mirror_target = "b";
  bench.config.routing.mirror_sample_rate = 0.25;
  bench.build();
  EXPECT_EQ(bench.order(), "ac");
  Random random(11);
  int copies = 0;
  for (int i = 0; i < 4000; ++i) {
    const Plan plan(*bench.group, {.random = random.next()});
    if (const Candidate* mirror = plan.mirror()) {
      EXPECT_EQ(bench.id(mirror), "b");
      ++copies;
    }
  }
  EXPECT_NEAR(copies, 1000, 120);
}

struct Measured : ::testing::Test {
  void measure(const std::string& id, double seconds, double tokens_per_second, int samples = 5) {
    TargetStats& stats = bench.state(id).stats;
    for (int i = 0; i < samples; ++i) {
      stats.latency.add(seconds, bench.now, 60'000);
      stats.first_token.add(seconds / 10, bench.now, 60'000);
      stats.throughput.add(tokens_per_second, bench.now, 60'000);
    }
  }
  Bench bench{3, "lowest_latency"};
};

TEST_F(Measured, LowestLatencyOrdersByTheMean) {
  bench.build();
  measure("a", 3, 10);
  measure("b", 1, 10);
  measure("c", 2, 10);
  EXPECT_EQ(bench.order(), "bca");
  EXPECT_EQ(bench.order({.stream = true}), "bca");
}

TEST_F(Measured, HighestThroughputOrdersByTokensPerSecond) {
  bench.config.routing.strategy = "highest_throughput";
  bench.build();
  measure("a", 1, 30);
  measure("b", 1, 10);
  measure("c", 1, 90);
  EXPECT_EQ(bench.order(), "cab");
}

TEST_F(Measured, TooFewSamplesAreFilledUpFirstButNotByAHerd) {
  bench.build();
  measure("a", 1, 10);
  measure("b", 2, 10);
  measure("c", 0.5, 10, 2);  // three are missing
  EXPECT_EQ(bench.first(), "c");
  bench.state("c").in_flight = 3;  // and on their way
  EXPECT_EQ(bench.first(), "c") << "its two samples are still the best mean";
  measure("c", 9, 10, 3);
  EXPECT_EQ(bench.first(), "a");
}

TEST_F(Measured, AnUnmeasuredTargetWithEnoughOnTheirWayGetsNoMore) {
  bench.build();
  measure("a", 1, 10);
  measure("b", 2, 10);
  bench.state("c").in_flight = 5;
  EXPECT_EQ(bench.first(), "a");
}

TEST_F(Measured, OldSamplesAreForgottenAndTheTargetIsTriedAgain) {
  bench.build();
  measure("a", 1, 10);
  measure("b", 5, 10);
  measure("c", 5, 10);
  bench.now += 50'000;
  measure("a", 1, 10);
  bench.now += 20'000;  // b and c are older than the window now
  int others = 0;
  for (int i = 0; i < 6; ++i) others += bench.first() != "a" ? 1 : 0;
  EXPECT_GT(others, 2);
}

}  // namespace
}  // namespace kt::routing

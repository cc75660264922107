#include "routing/kit.hpp"

namespace kt::routing {
namespace {

using test::Bench;

TEST(Plan, LeavesOutTheOpenTheCoolingAndTheFull) {
  Bench bench(4);
  bench.config.targets[2].rate_limits.max_parallel_requests = 2;
  bench.build();
  bench.trip("a");
  bench.state("b").cool_down(bench.now + 5000);
  bench.state("c").in_flight = 2;
  EXPECT_EQ(bench.order(), "d");
  bench.now += 5000;
  EXPECT_EQ(bench.order(), "bd");
  bench.state("c").in_flight = 1;
  EXPECT_EQ(bench.order(), "bcd");
}

TEST(Plan, AShorterCoolDownDoesNotShortenALongerOne) {
  Bench bench(2);
  bench.build();
  bench.state("a").cool_down(bench.now + 9000);
  bench.state("a").cool_down(bench.now + 1000);
  bench.now += 8999;
  EXPECT_EQ(bench.order(), "b");
}

TEST(Plan, TheOnlyTargetIsAskedAlsoWhenItSaidToWait) {
  Bench bench(1);
  bench.build();
  bench.state("a").cool_down(bench.now + 9000);
  EXPECT_EQ(bench.order(), "a");
}

QuotaSignals remaining(std::int64_t requests, std::int64_t tokens) {
  QuotaSignals signals;
  signals.limit_requests = 60;
  signals.limit_tokens = 60'000;
  signals.remaining_requests = requests;
  signals.remaining_tokens = tokens;
  return signals;
}

TEST(Plan, SpillsOverBeforeTheProvisionedTargetAnswers429AndComesBack) {
  Bench bench(2, "priority");
  bench.config.targets[1].priority = 1;
  bench.build();
  const Ask ask{.input_tokens = 1500, .output_tokens = 500};
  EXPECT_EQ(bench.first(ask), "a");
  bench.state("a").quota.observe(remaining(10, 500), bench.now);
  EXPECT_EQ(bench.first(ask), "b");
  EXPECT_EQ(bench.first({.input_tokens = 100}), "a") << "a small request still fits";
  bench.now += 1499;
  EXPECT_EQ(bench.first(ask), "b");
  bench.now += 1;  // 1000 tokens a second come back
  EXPECT_EQ(bench.first(ask), "a");
}

TEST(Plan, LowQuotaIsAPredictionSoWithoutABetterTargetItIsTried) {
  Bench bench(2, "priority");
  bench.config.targets[1].priority = 1;
  bench.build();
  bench.state("a").quota.observe(remaining(0, 0), bench.now);
  EXPECT_EQ(bench.order(), "ba");
  bench.state("b").quota.observe(remaining(0, 0), bench.now);
  EXPECT_EQ(bench.order(), "ab");
}

TEST(Plan, FailingProbesMakeATargetTheLastResort) {
  Bench bench(2);
  bench.config.targets[0].health_probe.emplace();
  bench.build();
  const config::HealthProbe& probe = *bench.config.targets[0].health_probe;
  for (int i = 0; i < 2; ++i) bench.state("a").probe.bad(probe);
  EXPECT_EQ(bench.order(), "ab");
  bench.state("a").probe.bad(probe);
  EXPECT_EQ(bench.order(), "ba");
  bench.state("a").probe.good(probe);
  EXPECT_EQ(bench.order(), "ba");
  bench.state("a").probe.good(probe);
  EXPECT_EQ(bench.order(), "ab");
}

TEST(Plan, APromptThatFitsNowhereSaysSo) {
  Bench bench(2);
  bench.config.targets[0].max_context_tokens = 100;
  bench.config.targets[1].max_context_tokens = 1000;
  bench.build();
  EXPECT_EQ(bench.order({.input_tokens = 100}), "ab");
  EXPECT_EQ(bench.order({.input_tokens = 101}), "b");
  EXPECT_EQ(bench.order({.input_tokens = 1001}), "");
  const Plan plan(*bench.group, {.input_tokens = 1001});
  EXPECT_EQ(plan.refusal(bench.now).reason, Exclusion::context_window);
}

TEST(Plan, AFallbackGroupIsAskedWhenTheGroupIsUsedUp) {
  Bench bench(3);
  bench.members = {0, 1};
  bench.build();
  const std::size_t rest[] = {1, 2};  // b is in both and is asked once
  const auto fallback = make_group({bench.config, rest}, bench.states);
  bench.group->fallback = fallback.get();
  EXPECT_EQ(bench.order(), "abc");
  bench.trip("a");
  bench.trip("b");
  EXPECT_EQ(bench.order(), "c");
}

TEST(Plan, WhenAllAreOutTheRefusalNamesTheOneThatComesBackFirst) {
  Bench bench(3);
  bench.build();
  bench.trip("a");
  bench.state("b").cool_down(bench.now + 7000);
  bench.state("c").cool_down(bench.now + 9000);
  Plan plan(*bench.group, {});
  EXPECT_FALSE(plan.has_next(bench.now));
  EXPECT_FALSE(plan.next(bench.now));
  const Refusal refusal = plan.refusal(bench.now);
  EXPECT_EQ(refusal.reason, Exclusion::cooling_down);
  EXPECT_EQ(refusal.wait, 7000);
  EXPECT_EQ(name_of(refusal.reason), "cooling_down");
}

TEST(Plan, OneTrialAtATimeGoesToAHalfOpenTarget) {
  Bench bench(2);
  bench.build();
  bench.trip("a");
  bench.now += 30'000;
  Plan first(*bench.group, {}), second(*bench.group, {});
  const Choice trial = first.next(bench.now);
  EXPECT_EQ(bench.id(trial.candidate), "a");
  EXPECT_EQ(trial.permit, Circuit::Permit::trial);
  EXPECT_EQ(bench.id(second.next(bench.now).candidate), "b");
  trial.candidate->state->circuit.report(trial.permit, Health::good, bench.group->breaker, bench.now);
  EXPECT_EQ(bench.order(), "ab");
}

TEST(Plan, StatesOutliveTheGroupThatANewOneReplaces) {
  Bench bench(1);
  bench.build();
  bench.trip("a");
  const auto next = make_group({bench.config, bench.members}, bench.states);
  bench.group.reset();
  EXPECT_FALSE(next->candidates[0].state->circuit.admits(next->breaker, bench.now));
}

struct DataPolicy : ::testing::Test {
  void require(const std::string& fields) {
    bench.config.chain = {"data-routing-policy"};
    bench.config.policies["data-routing-policy"].fields = fields;
    bench.build();
  }
  config::DataPolicy& declare(std::size_t target) {
    return bench.config.targets[target].data_policy.emplace();
  }
  Bench bench{3};
};

TEST_F(DataPolicy, UndeclaredIsExcludedBeforeAnyStrategy) {
  declare(1).zero_data_retention = true;
  bench.config.targets[2].zdr = true;
  require(R"({"require_zero_data_retention":true})");
  EXPECT_EQ(bench.order(), "bc");
  EXPECT_EQ(bench.reasons[0], "zero data retention is not declared");
}

TEST_F(DataPolicy, RetentionTrainingAndRegion) {
  declare(0) = {.training_opt_out = true, .retention_days = 31, .region = "westeurope"};
  declare(1) = {.training_opt_out = true, .retention_days = 30, .region = "East US 2"};
  declare(2) = {.training_opt_out = true, .retention_days = 0, .region = "swedencentral"};
  require(
      R"({"require_no_training":true,"max_retention_days":30,"allowed_regions":["eastus2","Sweden Central"]})");
  EXPECT_EQ(bench.order(), "bc");
  EXPECT_EQ(bench.reasons[0], "retention of 31 days is too long");
}

TEST_F(DataPolicy, NothingCompliantIsARefusalWithTheReason) {
  require(R"({"allowed_regions":["swedencentral"]})");
  Plan plan(*bench.group, {});
  EXPECT_FALSE(plan.next(bench.now));
  const Refusal refusal = plan.refusal(bench.now);
  EXPECT_EQ(refusal.reason, Exclusion::data_policy);
  ASSERT_NE(refusal.why, nullptr);
  EXPECT_EQ(*refusal.why, "the region is not declared");
}

TEST_F(DataPolicy, OutsideTheChainOrNotEnforcedItExcludesNobody) {
  require(R"({"require_zero_data_retention":true,"enforce":false})");
  EXPECT_EQ(bench.order(), "abc");
  require(R"({"require_zero_data_retention":true})");
  bench.config.chain.clear();
  bench.build();
  EXPECT_EQ(bench.order(), "abc");
}

TEST_F(DataPolicy, AMirrorThatIsNotCompliantGetsNoCopy) {
  bench.config.routing.strategy = "mirror";
  bench.config.routing.mirror_target = "c";
  bench.config.targets[0].zdr = true;
  require(R"({"require_zero_data_retention":true})");
  EXPECT_EQ(Plan(*bench.group, {}).mirror(), nullptr);
}

}  // namespace
}  // namespace kt::routing

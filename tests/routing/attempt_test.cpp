#include "kt/routing/hedge.hpp"

#include "kt/routing/attempt.hpp"
#include "routing/kit.hpp"

namespace kt::routing {
namespace {

using test::Bench;

struct AttemptTest : ::testing::Test {
  AttemptTest() { bench.build(); }
  [[nodiscard]] SteadyTime at(Millis later) const {
    return SteadyTime(std::chrono::milliseconds(bench.now + later));
  }
  Choice choose() { return Plan(*bench.group, {}).next(bench.now); }
  void answer(Millis first, Millis whole, std::uint64_t output) {
    Attempt attempt(choose(), {}, at(0));
    attempt.first_token(at(first));
    attempt.first_token(at(first + 1));  // only the first counts
    attempt.finish(Outcome::answered(200), {.present = true, .input = 5, .output = output}, at(whole));
  }
  Bench bench{2};
  const std::shared_ptr<TargetState> kept = bench.states.of("a");
  TargetState& a = *kept;
};

TEST_F(AttemptTest, AStreamIsMeasured) {
  answer(500, 2500, 100);
  EXPECT_FLOAT_EQ(a.stats.first_token.mean(), 0.5f);
  EXPECT_FLOAT_EQ(a.stats.latency.mean(), 2.5f);
  EXPECT_FLOAT_EQ(a.stats.throughput.mean(), 50);
  EXPECT_EQ(a.stats.attempts, 1u);
  EXPECT_EQ(a.in_flight, 0u);
}

TEST_F(AttemptTest, InFlightAndQuotaCountWhileItRuns) {
  QuotaSignals signals;
  signals.remaining_tokens = 1000;
  a.quota.observe(signals, bench.now);
  {
    const Attempt attempt(choose(), {.input_tokens = 100, .output_tokens = 200}, at(0));
    EXPECT_EQ(a.in_flight, 1u);
    EXPECT_EQ(a.quota.tokens_left(bench.now), 700);
  }
  EXPECT_EQ(a.in_flight, 0u);
}

TEST_F(AttemptTest, A429CoolsDownAndCountsApart) {
  QuotaSignals signals;
  signals.retry_after = 3000;
  Attempt(choose(), {}, at(0)).finish(Outcome::answered(429, signals), {}, at(10));
  EXPECT_EQ(a.cool_until, bench.now + 3010);
  EXPECT_EQ(a.stats.rate_limited, 1u);
  EXPECT_EQ(a.stats.failures, 0u);
  EXPECT_EQ(bench.id(choose().candidate), "b");
}

TEST_F(AttemptTest, TellsWhenTheCircuitTurns) {
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(Attempt(choose(), {}, at(0)).finish(Outcome::answered(500), {}, at(1)), Circuit::Change::none);
  EXPECT_EQ(Attempt(choose(), {}, at(0)).finish(Outcome::answered(500), {}, at(1)), Circuit::Change::opened);
  bench.now += 40'000;
  EXPECT_EQ(Attempt(choose(), {}, at(0)).finish(Outcome::answered(200), {}, at(1)), Circuit::Change::closed);
}

TEST_F(AttemptTest, ATrialThatIsAbandonedGivesItsPermitBack) {
  bench.trip("a");
  bench.now += 40'000;
  { const Attempt attempt(choose(), {}, at(0)); }
  EXPECT_EQ(bench.id(choose().candidate), "a");
}

TEST_F(AttemptTest, FaultsAreAttributed) {
  EXPECT_EQ(health_of(Outcome::answered(200)), Health::good);
  for (const int status : {400, 404, 409, 413, 422, 429, 431})
    EXPECT_EQ(health_of(Outcome::answered(status)), Health::no_verdict) << status;
  for (const int status : {401, 403}) EXPECT_EQ(health_of(Outcome::answered(status)), Health::locked_out);
  for (const int status : {408, 500, 502, 503, 504})
    EXPECT_EQ(health_of(Outcome::answered(status)), Health::bad) << status;
  EXPECT_EQ(health_of(Outcome::broke(200, Code::upstream_truncated)), Health::bad);
  EXPECT_EQ(health_of(Outcome::broke(200, Code::upstream_too_large)), Health::no_verdict);
  EXPECT_EQ(health_of(Outcome::failed(Code::client_closed)), Health::no_verdict);
  EXPECT_EQ(health_of(Outcome::failed(Code::upstream_credential)), Health::no_verdict);
}

TEST_F(AttemptTest, HedgesBehindTheConfiguredQuantileOnceEnoughWasSeen) {
  config::Routing routing;
  const Candidate& candidate = bench.group->candidates[0];
  for (int i = 1; i <= 19; ++i) answer(i * 10, 2000, 50);
  routing.hedge_after = "p95";
  EXPECT_EQ(hedge_delay(routing, candidate), std::nullopt);
  EXPECT_EQ(learned_output(candidate), std::nullopt);
  answer(200, 2000, 50);
  EXPECT_NEAR(static_cast<double>(*hedge_delay(routing, candidate)), 200, 20);
  EXPECT_NEAR(*learned_output(candidate), 54, 6);
  routing.hedge_after.clear();
  EXPECT_EQ(hedge_delay(routing, candidate), std::nullopt);
}

TEST_F(AttemptTest, ProbesSpread) {
  Random random(1);
  for (int i = 0; i < 100; ++i) {
    const Millis delay = probe_delay({}, random);
    EXPECT_GE(delay, 27'000);
    EXPECT_LE(delay, 30'000);
  }
}

}  // namespace
}  // namespace kt::routing

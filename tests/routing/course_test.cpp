#include "kt/routing/course.hpp"

#include "kt/routing/attempt.hpp"
#include "routing/kit.hpp"

namespace kt::routing {
namespace {

using test::Bench;

// A bench that plays requests: each target answers what the test says.
struct CourseTest : ::testing::Test {
  using Script = std::map<std::string, Outcome>;

  void retry(std::uint32_t attempts = 2) {
    bench.config.retry.enabled = true;
    bench.config.retry.max_attempts = attempts;
    bench.config.retry.initial_delay = std::chrono::milliseconds(100);
  }
  // The course of one request: "a b +100 b" = a, then b, then 100 ms later b again.
  std::string play(const Script& script, Millis deadline = Course::kNoDeadline) {
    const CourseRules rules(bench.config);
    budget.request(bench.now);
    Course course(rules, budget, Plan(*bench.group, {}), deadline);
    std::string story;
    Step step = course.begin(bench.now);
    while (step.kind != Step::Kind::stop) {
      if (!story.empty()) story += ' ';
      if (step.kind == Step::Kind::wait) {
        story += '+' + std::to_string(step.delay);
        bench.now += step.delay;
        step = course.resume(bench.now);
        continue;
      }
      const std::string id = bench.id(step.choice.candidate);
      story += id;
      ++upstream;
      const Outcome outcome = script.contains(id) ? script.at(id) : Outcome::answered(200);
      Attempt attempt(step.choice, {}, SteadyTime(std::chrono::milliseconds(bench.now)));
      attempt.finish(outcome, {}, SteadyTime(std::chrono::milliseconds(bench.now)));
      step = course.after(outcome, bench.now, random);
    }
    return story;
  }

  Bench bench{3};
  RetryBudget budget{0.1};
  Random random{1};
  int upstream = 0;
};

QuotaSignals wait_ms(Millis wait) {
  QuotaSignals signals;
  signals.retry_after = wait;
  return signals;
}

TEST_F(CourseTest, GoesThroughTheTargetsByDefault) {
  bench.build();
  const Outcome down = Outcome::failed(Code::upstream_connect);
  EXPECT_EQ(play({{"a", down}}), "a b");
  EXPECT_EQ(play({{"a", down}, {"b", Outcome::answered(503)}, {"c", down}}), "a b c");
}

TEST_F(CourseTest, WhatIsFinalIsFinal) {
  retry();
  bench.config.circuit_breaker.enabled = false;
  bench.build();
  for (const int status : {200, 400, 401, 403, 404, 413, 422, 431})
    EXPECT_EQ(play({{"a", Outcome::answered(status)}}), "a") << status;
  EXPECT_EQ(play({{"a", Outcome::failed(Code::upstream_too_large)}}), "a");
  EXPECT_EQ(play({{"a", Outcome::failed(Code::client_closed)}}), "a");
}

TEST_F(CourseTest, EveryFaultOfAnUpstreamGoesOnToTheNext) {
  bench.config.circuit_breaker.enabled = false;
  bench.build();
  for (const Code code :
       {Code::upstream_connect, Code::upstream_connect_timeout, Code::upstream_tls, Code::upstream_dns,
        Code::upstream_reset, Code::upstream_truncated, Code::upstream_timeout, Code::upstream_idle_timeout,
        Code::upstream_protocol, Code::upstream_credential})
    EXPECT_EQ(play({{"a", Outcome::failed(code)}}), "a b") << info(code).name;
  EXPECT_EQ(play({{"a", Outcome::broke(200, Code::internal)}}), "a b") << "an error event inside a 200";
}

TEST_F(CourseTest, TriggersSayWhatLeadsToAnotherTarget) {
  bench.config.fallback = {.present = true, .enabled = true, .triggers = {"rate_limit", "timeout"}};
  bench.build();
  EXPECT_EQ(play({{"a", Outcome::answered(500)}}), "a");
  EXPECT_EQ(play({{"a", Outcome::failed(Code::upstream_timeout)}}), "a b");
  EXPECT_EQ(play({{"a", Outcome::failed(Code::upstream_credential)}}), "a b") << "always goes on";
  EXPECT_EQ(play({{"a", Outcome::answered(429)}}), "a b");
}

TEST_F(CourseTest, FailoverSwitchedOffOrBounded) {
  bench.config.fallback = {.present = true, .enabled = false};
  bench.build();
  EXPECT_EQ(play({{"a", Outcome::answered(500)}}), "a");
  bench.config.fallback = {.present = true, .enabled = true, .max_fallback_attempts = 1};
  const Outcome bad = Outcome::answered(502);
  EXPECT_EQ(play({{"a", bad}, {"b", bad}, {"c", bad}}), "a b");
}

TEST_F(CourseTest, A429OfOneOfSeveralNeverSleeps) {
  retry(5);
  bench.build();
  const Outcome busy = Outcome::answered(429, wait_ms(1500));
  EXPECT_EQ(play({{"a", busy}, {"b", busy}, {"c", busy}}), "a b c");
  EXPECT_EQ(play({}), "") << "all are cooling down: answered at once";
  const Refusal refusal = Plan(*bench.group, {}).refusal(bench.now);
  const RefusalAnswer answer = answer_of(refusal);
  EXPECT_EQ(answer.error.code, Code::rate_limited);
  EXPECT_EQ(answer.retry_after, 1500);
  bench.now += 1500;
  EXPECT_EQ(play({}), "a");
}

TEST_F(CourseTest, TheOnlyTargetIsAskedAgainAfterTheStatedTime) {
  retry(3);
  bench.config.retry.jitter = false;
  bench.members = {0};
  bench.build();
  EXPECT_EQ(play({{"a", Outcome::answered(429, wait_ms(1500))}}), "a +1500 a +1500 a");
  EXPECT_EQ(play({{"a", Outcome::answered(429, wait_ms(10'001))}}), "a") << "longer than max_delay_ms";
}

TEST_F(CourseTest, BacksOffExponentiallyWithJitterBelowTheWholeDelay) {
  retry(4);
  bench.config.circuit_breaker.enabled = false;
  bench.members = {0};
  bench.build();
  bench.config.retry.jitter = false;
  EXPECT_EQ(play({{"a", Outcome::answered(500)}}), "a +100 a +200 a +400 a");
  bench.config.retry.jitter = true;
  bench.now += 20'000;
  const CourseRules rules(bench.config);
  budget.request(bench.now);
  Course course(rules, budget, Plan(*bench.group, {}), Course::kNoDeadline);
  course.begin(bench.now);
  const Step step = course.after(Outcome::answered(500), bench.now, random);
  EXPECT_EQ(step.kind, Step::Kind::wait);
  EXPECT_GE(step.delay, 50);
  EXPECT_LE(step.delay, 100);
}

TEST_F(CourseTest, NoRetryWithoutTheSection) {
  bench.members = {0};
  bench.build();
  EXPECT_EQ(play({{"a", Outcome::answered(500)}}), "a");
}

TEST_F(CourseTest, StatusesThatAreNotListedAreNotRetried) {
  retry();
  bench.config.retry.retryable_status_codes = {503};
  bench.config.retry.jitter = false;
  bench.members = {0};
  bench.build();
  EXPECT_EQ(play({{"a", Outcome::answered(500)}}), "a");
  EXPECT_EQ(play({{"a", Outcome::answered(503)}}), "a +100 a");
}

TEST_F(CourseTest, NothingIsTriedBehindTheDeadline) {
  retry();
  bench.config.retry.jitter = false;
  bench.build();
  EXPECT_EQ(play({{"a", Outcome::answered(500)}}, bench.now), "a");
  bench.members = {0};
  bench.build();
  EXPECT_EQ(play({{"a", Outcome::answered(500)}}, bench.now + 100), "a") << "the wait would end at it";
}

TEST_F(CourseTest, AStormOfFailuresCostsAtMostTenPercentMore) {
  for (const std::size_t targets : {1, 3}) {
    bench.members.resize(targets);
    for (std::size_t i = 0; i < targets; ++i) bench.members[i] = i;
    retry(5);
    bench.config.circuit_breaker.enabled = false;
    bench.build();
    const Outcome bad = Outcome::answered(500);
    bench.now += 60'000;
    upstream = 0;
    for (int i = 0; i < 2000; ++i) {
      bench.now += 5;
      play({{"a", bad}, {"b", bad}, {"c", bad}});
    }
    EXPECT_LE(upstream, 2200) << targets;
    EXPECT_GE(upstream, 2100) << targets << ": the budget is used";
  }
}

TEST_F(CourseTest, FailoverToATargetThatWorksIsNotRationed) {
  bench.config.circuit_breaker.enabled = false;
  bench.build();
  for (int i = 0; i < 500; ++i) EXPECT_EQ(play({{"a", Outcome::answered(500)}}), "a b");
}

TEST_F(CourseTest, TheCircuitOpensWithinTenFailuresAndAnswersWithoutAnUpstreamCall) {
  bench.members = {0};
  bench.build();
  for (int i = 0; i < 1000; ++i) play({{"a", Outcome::answered(500)}});
  EXPECT_LE(upstream, 10);
  const RefusalAnswer answer = answer_of(Plan(*bench.group, {}).refusal(bench.now));
  EXPECT_EQ(answer.error.code, Code::circuit_open);
  EXPECT_EQ(answer.retry_after, 30'000);
  bench.state("a").circuit.allow_trial(bench.now);  // the probe's word
  EXPECT_EQ(play({}), "a");
  EXPECT_EQ(bench.state("a").circuit.state(bench.now), CircuitState::closed);
}

TEST_F(CourseTest, TheBestAnswerOfSeveral) {
  const Outcome none = Outcome::failed(Code::upstream_connect), bad = Outcome::answered(500),
                soon = Outcome::answered(429, wait_ms(1000)), late = Outcome::answered(429, wait_ms(5000));
  EXPECT_TRUE(better_answer(bad, none));
  EXPECT_FALSE(better_answer(none, bad));
  EXPECT_TRUE(better_answer(soon, bad));
  EXPECT_TRUE(better_answer(soon, late));
  EXPECT_FALSE(better_answer(late, soon));
  EXPECT_TRUE(better_answer(Outcome::answered(503), bad)) << "the later one of equals";
}

TEST_F(CourseTest, UnderstandsTheClientsOwnClockAndRetries) {
  http::Fields fields;
  fields.items[fields.count++] = {"X-Stainless-Read-Timeout", "20"};
  config::Gateway gateway;
  EXPECT_EQ(deadline_of(gateway, {}, false, 1000), Course::kNoDeadline);
  EXPECT_EQ(deadline_of(gateway, fields, false, 1000), 21'000);
  EXPECT_EQ(deadline_of(gateway, fields, true, 1000), Course::kNoDeadline) << "comments keep it waiting";
  gateway.request_deadline = config::Seconds(5);
  EXPECT_EQ(deadline_of(gateway, fields, false, 1000), 6'000);
  EXPECT_FALSE(is_client_retry(fields));
  fields.items[fields.count++] = {"x-stainless-retry-count", "1"};
  EXPECT_TRUE(is_client_retry(fields));
}

TEST_F(CourseTest, RefusalsHaveTheirCodes) {
  EXPECT_EQ(answer_of({Exclusion::context_window}).error.code, Code::context_length_exceeded);
  EXPECT_EQ(answer_of({Exclusion::data_policy}).error.code, Code::input_blocked);
  EXPECT_EQ(answer_of({Exclusion::at_capacity}).error.code, Code::overloaded);
  EXPECT_EQ(answer_of({Exclusion::none}).error.code, Code::no_healthy_target);
}

}  // namespace
}  // namespace kt::routing

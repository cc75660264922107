#include "kt/routing/circuit.hpp"

#include "routing/kit.hpp"

namespace kt::routing {
namespace {

using enum Circuit::Permit;

struct CircuitTest : ::testing::Test {
  Circuit::Permit admit() { return circuit.admit(settings, now); }
  void report(Health health, Circuit::Permit permit = normal) {
    circuit.report(permit, health, settings, now);
  }
  void open() {
    for (std::uint32_t i = 0; i < settings.failure_threshold; ++i) report(Health::bad);
  }
  config::CircuitBreaker settings = test::breaker(5, 30);
  Circuit circuit;
  Millis now = 50'000;
};

TEST_F(CircuitTest, OpensAfterFailuresInARow) {
  for (int i = 0; i < 4; ++i) report(Health::bad);
  EXPECT_EQ(circuit.state(now), CircuitState::closed);
  report(Health::bad);
  EXPECT_EQ(circuit.state(now), CircuitState::open);
  EXPECT_EQ(admit(), refused);
  EXPECT_EQ(circuit.wait(now), 30'000);
}

TEST_F(CircuitTest, ASuccessStartsTheCountAgain) {
  for (int i = 0; i < 4; ++i) report(Health::bad);
  report(Health::good);
  for (int i = 0; i < 4; ++i) report(Health::bad);
  EXPECT_EQ(admit(), normal);
}

TEST_F(CircuitTest, WhatIsNotTheTargetsFaultNeverOpensIt) {
  for (int i = 0; i < 100; ++i) report(Health::no_verdict);
  EXPECT_EQ(admit(), normal);
}

TEST_F(CircuitTest, ACredentialThatDoesNotWorkOpensItForLong) {
  report(Health::locked_out);
  EXPECT_EQ(circuit.wait(now), Circuit::kLockedOut);
  circuit.reset();
  EXPECT_EQ(admit(), normal);
}

TEST_F(CircuitTest, AfterTheCoolDownOneTrialDecides) {
  open();
  now += 29'999;
  EXPECT_EQ(admit(), refused);
  now += 1;
  EXPECT_EQ(circuit.state(now), CircuitState::half_open);
  EXPECT_EQ(admit(), trial);
  EXPECT_EQ(admit(), refused);
  EXPECT_FALSE(circuit.admits(settings, now));
  report(Health::bad, trial);
  EXPECT_EQ(circuit.wait(now), 30'000);
  now += 30'000;
  EXPECT_EQ(admit(), trial);
  report(Health::good, trial);
  EXPECT_EQ(circuit.state(now), CircuitState::closed);
  EXPECT_EQ(admit(), normal);
}

TEST_F(CircuitTest, ATrialWithoutAVerdictMakesRoomForTheNext) {
  open();
  now += 30'000;
  EXPECT_EQ(admit(), trial);
  report(Health::no_verdict, trial);
  EXPECT_EQ(admit(), trial);
}

TEST_F(CircuitTest, AsManyTrialsAtATimeAsConfigured) {
  settings.half_open_max_requests = 3;
  open();
  now += 30'000;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(admit(), trial);
  EXPECT_EQ(admit(), refused);
}

TEST_F(CircuitTest, AnswersToWhatWasSentBeforeItOpenedChangeNothing) {
  open();
  report(Health::good);
  EXPECT_EQ(admit(), refused);
  now += 30'000;
  EXPECT_EQ(admit(), trial);
  report(Health::good);  // an old one, not the trial
  EXPECT_EQ(admit(), refused);
  now += 100;
  report(Health::bad);
  EXPECT_EQ(circuit.state(now), CircuitState::half_open);
}

TEST_F(CircuitTest, AGoodProbeBringsTheTrialForward) {
  open();
  now += 1000;
  circuit.allow_trial(now);
  EXPECT_EQ(admit(), trial);
}

TEST_F(CircuitTest, SwitchedOffItNeverRefuses) {
  settings.enabled = false;
  for (int i = 0; i < 100; ++i) report(Health::bad);
  report(Health::locked_out);
  EXPECT_EQ(admit(), normal);
  EXPECT_TRUE(circuit.admits(settings, now));
}

}  // namespace
}  // namespace kt::routing

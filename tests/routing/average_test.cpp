#include "kt/routing/average.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

namespace kt::routing {
namespace {

TEST(Average, IsTheMeanOfSamplesOfOneMoment) {
  Average average;
  for (const double sample : {1.0, 2.0, 3.0, 6.0}) average.add(sample, 1000, 60'000);
  EXPECT_FLOAT_EQ(average.mean(), 3.0f);
  EXPECT_FLOAT_EQ(average.samples(1000, 60'000), 4.0f);
}

TEST(Average, FollowsAChangeWithinTheWindow) {
  Average average;
  Millis now = 0;
  for (; now < 60'000; now += 1000) average.add(1, now, 10'000);
  for (; now < 90'000; now += 1000) average.add(5, now, 10'000);
  EXPECT_NEAR(average.mean(), 5, 0.25);  // e^-3 of the old is left
  EXPECT_NEAR(average.samples(now, 10'000), 10, 1);
}

TEST(Average, IsStaleAfterTheWindow) {
  Average average;
  average.add(1, 0, 1000);
  EXPECT_GT(average.samples(1000, 1000), 0);
  EXPECT_EQ(average.samples(1001, 1000), 0);
}

TEST(Quantiles, AreWithinTenPercent) {
  Quantiles quantiles;
  for (int i = 1; i <= 1000; ++i) quantiles.add(i / 100.0);
  EXPECT_NEAR(*quantiles.at(0.5, 1), 5.0, 0.95);
  EXPECT_NEAR(*quantiles.at(0.95, 1), 9.5, 1.8);
  EXPECT_GE(*quantiles.at(1, 1), 10.0);
}

TEST(Quantiles, SayNothingBelowTheLeastNumberOfSamples) {
  Quantiles quantiles;
  EXPECT_EQ(quantiles.at(0.5, 0), std::nullopt);
  for (int i = 0; i < 9; ++i) quantiles.add(1);
  EXPECT_EQ(quantiles.at(0.5, 10), std::nullopt);
  quantiles.add(1);
  EXPECT_NE(quantiles.at(0.5, 10), std::nullopt);
}

TEST(Quantiles, ForgetTheOld) {
  Quantiles quantiles;
  for (int i = 0; i < 5000; ++i) quantiles.add(100);
  for (int i = 0; i < 5000; ++i) quantiles.add(1);
  EXPECT_LT(*quantiles.at(0.95, 1), 1.2);
}

TEST(Quantiles, TakeAnySample) {
  Quantiles quantiles;
  for (const double sample : {0.0, -1.0, 1e300, static_cast<double>(NAN)}) quantiles.add(sample);
  EXPECT_NE(quantiles.at(0.5, 1), std::nullopt);
}

TEST(Average, ManyWritersLeaveAValueInTheirRange) {
  Average average;
  Quantiles quantiles;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&average, &quantiles, writer] {
      for (int i = 0; i < 20'000; ++i) {
        average.add(1 + writer, i, 60'000);
        quantiles.add(1 + writer);
      }
    });
  }
  for (std::thread& each : writers) each.join();
  EXPECT_GE(average.mean(), 1);
  EXPECT_LE(average.mean(), 4);
  EXPECT_LE(*quantiles.at(1, 1), 4.8);
}

}  // namespace
}  // namespace kt::routing

#include "kt/routing/retry_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <thread>
#include <vector>

#include "kt/base/random.hpp"

namespace kt::routing {
namespace {

TEST(RetryBudget, AllowsAFewWithoutTraffic) {
  RetryBudget budget(0.1);
  for (std::uint32_t i = 0; i < RetryBudget::kLeast; ++i) EXPECT_TRUE(budget.take(1000));
  EXPECT_FALSE(budget.take(1000));
  EXPECT_TRUE(budget.take(1000 + RetryBudget::kWindow)) << "forgotten after the window";
}

TEST(RetryBudget, ARatioOfZeroAllowsNone) {
  RetryBudget budget(0);
  for (int i = 0; i < 100; ++i) budget.request(1000);
  EXPECT_FALSE(budget.take(1000));
}

TEST(RetryBudget, WhatIsOnlyCountedUsesItUp) {
  RetryBudget budget(0.1);
  for (int i = 0; i < 100; ++i) budget.request(1000);
  for (int i = 0; i < 10; ++i) budget.count(1000);
  EXPECT_FALSE(budget.take(1000));
}

TEST(RetryBudget, WhatWasCountedBeyondItIsPaidBack) {
  RetryBudget budget(0.1);
  for (int i = 0; i < 100; ++i) budget.request(1000);
  for (int i = 0; i < 15; ++i) budget.count(1000);  // five too many
  for (int i = 0; i < 100; ++i) budget.request(1500);
  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += budget.take(1500) ? 1 : 0;
  EXPECT_EQ(taken, 5) << "20 for 200 requests, 15 are gone";
}

// Any traffic, any window of ten seconds: at most the share of the requests of that window and the half
// bucket before it.
TEST(RetryBudget, HoldsForRandomTraffic) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    RetryBudget budget(0.1);
    std::deque<Millis> requests, retries;
    Millis now = 5'000'000;
    for (int i = 0; i < 20'000; ++i) {
      now += static_cast<Millis>(random.next() % 8);
      budget.request(now);
      requests.push_back(now);
      if (budget.take(now)) retries.push_back(now);
      while (!retries.empty() && retries.front() <= now - RetryBudget::kWindow + 500) retries.pop_front();
      while (requests.front() <= now - RetryBudget::kWindow) requests.pop_front();
      const double share = 0.1 * static_cast<double>(requests.size());
      ASSERT_LE(static_cast<double>(retries.size()), std::max(3.0, share) + 1e-9) << seed << " at " << i;
    }
  }
}

TEST(RetryBudget, WorkersTogetherDoNotExceedIt) {
  RetryBudget budget(0.1);
  for (int i = 0; i < 1000; ++i) budget.request(1000);
  std::atomic<int> taken{0};
  std::vector<std::thread> workers;
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) taken += budget.take(1000) ? 1 : 0;
    });
  }
  for (std::thread& each : workers) each.join();
  EXPECT_LE(taken, 100);
  EXPECT_GE(taken, 90);
}

}  // namespace
}  // namespace kt::routing

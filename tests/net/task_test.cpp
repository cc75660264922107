#include "kt/net/task.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace kt::net {
namespace {

struct Gate {
  std::coroutine_handle<> waiter;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiter = handle; }
  void await_resume() const noexcept {}
};

struct Outcome {
  int calls = 0;
  std::exception_ptr failure;
  static void done(void* context, std::exception_ptr failure) {
    auto& outcome = *static_cast<Outcome*>(context);
    ++outcome.calls;
    outcome.failure = failure;
  }
};

Task<std::string> twice(std::string text, Gate& gate) {
  co_await gate;
  co_return text + text;
}

Task<void> note(Gate& gate, std::string& into) {
  std::string word("ab");
  into = co_await twice(std::move(word), gate);
}

TEST(Task, RunsWhenSpawnedWaitsAndEndsOnce) {
  Gate gate;
  Outcome outcome;
  std::string text;
  spawn(note(gate, text), &Outcome::done, &outcome);
  EXPECT_EQ(outcome.calls, 0);
  gate.waiter.resume();
  EXPECT_EQ(outcome.calls, 1);
  EXPECT_FALSE(outcome.failure);
  EXPECT_EQ(text, "abab");
}

Task<int> throws() {
  throw std::runtime_error("inner");
  co_return 1;
}

Task<void> outer() {
  const int value = co_await throws();
  (void)value;
}

TEST(Task, AnExceptionReachesWhoSpawnedIt) {
  Outcome outcome;
  spawn(outer(), &Outcome::done, &outcome);
  ASSERT_TRUE(outcome.failure);
  EXPECT_THROW(std::rethrow_exception(outcome.failure), std::runtime_error);
}

Task<void> hold(std::shared_ptr<int> value, Gate& gate) {
  co_await gate;
  ++*value;
}

TEST(Task, ParametersLiveAsLongAsTheTaskAndNoLonger) {
  Gate gate;
  Outcome outcome;
  auto value = std::make_shared<int>(0);
  spawn(hold(value, gate), &Outcome::done, &outcome);
  EXPECT_EQ(value.use_count(), 2);
  gate.waiter.resume();
  EXPECT_EQ(value.use_count(), 1);
  EXPECT_EQ(*value, 1);
}

Task<int> depth(int left) {
  if (left == 0) co_return 0;
  const int below = co_await depth(left - 1);
  co_return below + 1;
}

Task<void> dive(int& result) { result = co_await depth(100'000); }

TEST(Task, LongChainsDoNotGrowTheStackOnTheWayBack) {
  Outcome outcome;
  int result = 0;
  spawn(dive(result), &Outcome::done, &outcome);
  EXPECT_EQ(result, 100'000);
}

}  // namespace
}  // namespace kt::net

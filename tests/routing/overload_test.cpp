#include "kt/routing/overload.hpp"

#include <gtest/gtest.h>

namespace kt::routing {
namespace {

TEST(Overload, ALateLoopRefuses) {
  EXPECT_EQ(shedding_of({.loop_lag = 200}), Shedding::none);
  EXPECT_EQ(shedding_of({.loop_lag = 201}), Shedding::refuse);
}

TEST(Overload, MemoryClosesIdleConnectionsFirst) {
  const auto at = [](std::uint64_t used) {
    return shedding_of({.memory_used = used << 20, .memory_limit = 100u << 20});
  };
  EXPECT_EQ(at(91), Shedding::none);
  EXPECT_EQ(at(92), Shedding::close_idle);
  EXPECT_EQ(at(94), Shedding::close_idle);
  EXPECT_EQ(at(95), Shedding::refuse);
}

TEST(Overload, WithoutALimitMemoryNeverRefuses) {
  EXPECT_EQ(shedding_of({.memory_used = UINT64_MAX}), Shedding::none);
}

}  // namespace
}  // namespace kt::routing

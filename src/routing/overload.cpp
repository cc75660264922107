#include "kt/routing/overload.hpp"

namespace kt::routing {

Shedding shedding_of(const Load& load) {
  const auto above = [&](std::uint64_t percent) {
    return load.memory_limit != 0 && load.memory_used / 100 >= load.memory_limit / 10000 * percent;
  };
  if (load.loop_lag > kMaxLoopLag || above(kRefusePercent)) return Shedding::refuse;
  return above(kCloseIdlePercent) ? Shedding::close_idle : Shedding::none;
}

}  // namespace kt::routing

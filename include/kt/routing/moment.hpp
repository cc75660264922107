#pragma once
// Times as whole milliseconds, so that they fit into one atomic.

#include <chrono>
#include <cstdint>

#include "kt/base/clock.hpp"

namespace kt::routing {

using Millis = std::int64_t;

inline Millis millis(SteadyTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

template <class Rep, class Period>
constexpr Millis millis(std::chrono::duration<Rep, Period> span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

}  // namespace kt::routing

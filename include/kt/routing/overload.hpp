#pragma once
// When the gateway refuses new requests to keep those it has: late event loops and memory.

#include <cstdint>

#include "kt/routing/moment.hpp"

namespace kt::routing {

struct Load {
  Millis loop_lag = 0;                            // how late the worker's last timer was
  std::uint64_t memory_used = 0, memory_limit = 0;  // bytes; limit 0 = none is known
};

enum class Shedding : unsigned char {
  none,
  close_idle,  // answers say connection: close
  refuse,      // new requests: 503 with Retry-After; streams go on, admin pages answer
};

inline constexpr Millis kMaxLoopLag = 200;
inline constexpr std::uint64_t kCloseIdlePercent = 92, kRefusePercent = 95;

Shedding shedding_of(const Load& load);

}  // namespace kt::routing

#pragma once
// Seconds of the configuration as the loop counts them.

#include "kt/config/config.hpp"
#include "kt/net/loop.hpp"

namespace kt::gateway {

inline net::Clock::duration duration(config::Seconds seconds) {
  return std::chrono::duration_cast<net::Clock::duration>(seconds);
}

}  // namespace kt::gateway

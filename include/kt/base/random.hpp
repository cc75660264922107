#pragma once
// The injected generator: fast, not for keys. One per worker; not thread-safe.

#include <array>
#include <cstdint>
#include <string>

#include "kt/base/clock.hpp"

namespace kt {

class Random {
 public:
  explicit Random(std::uint64_t seed);
  static Random from_system();  // seeded by the kernel
  std::uint64_t next();
  double uniform();  // [0, 1)

 private:
  std::array<std::uint64_t, 4> state_;
};

// A request id: UUID version 7 (RFC 9562), so ids sort by time.
std::string make_request_id(WallTime now, Random& random);

}  // namespace kt

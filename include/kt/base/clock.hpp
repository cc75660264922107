#pragma once
// The only source of time outside the event loop, so that tests can turn the hands.

#include <chrono>
#include <string>

namespace kt {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime steady() const = 0;  // never jumps: timeouts, latencies
  [[nodiscard]] virtual WallTime wall() const = 0;      // what a human calls the time: records
};

// The machine's clocks. Thread-safe.
const Clock& system_clock();

// RFC 3339 in UTC with microseconds: 2026-01-31T12:00:00.123456Z
std::string rfc3339(WallTime time);

}  // namespace kt

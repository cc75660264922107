#include "kt/base/clock.hpp"

#include <ctime>

namespace kt {
namespace {

class SystemClock final : public Clock {
 public:
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string rfc3339(WallTime time) {
  const auto micros = time.time_since_epoch().count();
  std::time_t seconds = micros / 1'000'000;
  auto fraction = static_cast<int>(micros % 1'000'000);
  if (fraction < 0) {
    fraction += 1'000'000;
    --seconds;
  }
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  // Written by hand: three of these stand in the way of every audited request.
  std::string text = "0000-00-00T00:00:00.000000Z";
  const auto put = [&](std::size_t end, std::size_t digits, int value) {
    for (; digits > 0; --digits, value /= 10) text[--end] = static_cast<char>('0' + value % 10);
  };
  put(4, 4, parts.tm_year + 1900);
  put(7, 2, parts.tm_mon + 1);
  put(10, 2, parts.tm_mday);
  put(13, 2, parts.tm_hour);
  put(16, 2, parts.tm_min);
  put(19, 2, parts.tm_sec);
  put(26, 6, fraction);
  return text;
}

}  // namespace kt

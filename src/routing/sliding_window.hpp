#pragma once
// The count of one limit over a sliding window, for many writers without a lock. The window is cut into
// parts; what was taken counts until its whole part lies outside the window, so a window that starts anywhere
// never holds more than the limit. The price: room comes back up to one part (under 1 % of the window) late.

#include <array>
#include <atomic>
#include <cstdint>

#include "kt/routing/moment.hpp"

namespace kt::routing {

class SlidingWindow {
 public:
  static constexpr Millis kParts = 128;

  struct Figures {
    std::int64_t used = 0;
    Millis reset = 0;  // until nothing is used
  };

  // Counts `cost` if the limit allows it; `epoch` says where it stands, for settle().
  bool take(std::int64_t cost, std::int64_t limit, Millis window, Millis now, std::uint64_t& epoch);
  // What was taken as `from` turned out to be `to`. More than that after it has slid out counts as taken now.
  void settle(std::uint64_t epoch, std::int64_t from, std::int64_t to, Millis window, Millis now);
  [[nodiscard]] Figures figures(Millis window, Millis now) const;
  // Until `cost` could be taken; 0 = now, or never when it is above the limit.
  [[nodiscard]] Millis wait(std::int64_t cost, std::int64_t limit, Millis window, Millis now) const;

 private:
  static constexpr std::size_t kCells = 144;  // more than kParts + 1: no two live parts share a cell
  std::uint64_t put(std::uint64_t epoch, std::int64_t amount);  // the part it was added to
  bool change(std::uint64_t epoch, std::int64_t amount);        // false: nothing of that part is there
  std::array<std::atomic<std::uint64_t>, kCells> cells_{};      // part's number and amount; see the source
};

}  // namespace kt::routing

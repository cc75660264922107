#include "routing/sliding_window.hpp"

#include <algorithm>

namespace kt::routing {
namespace {

// 24 bits number the parts (of at least 8 ms: they repeat after 37 hours, and then an idle cell could count
// once too much, never too little); 40 bits hold the amount.
constexpr int kAmountBits = 40;
constexpr std::uint64_t kAmountMask = (std::uint64_t{1} << kAmountBits) - 1;
constexpr std::uint64_t kEpochMask = (1u << 24) - 1;
// A worker that looked at the clock a moment ago meets parts that are in its future. They count.
constexpr std::uint64_t kAhead = 64;

Millis part_of(Millis window) {
  return std::max<Millis>(1, (window + SlidingWindow::kParts - 1) / SlidingWindow::kParts);
}

std::uint64_t epoch_of(Millis window, Millis now) {
  return static_cast<std::uint64_t>(now / part_of(window));
}

// Parts that a window can touch, the present one not counted.
std::uint64_t parts_of(Millis window) {
  const Millis part = part_of(window);
  return static_cast<std::uint64_t>((window + part - 1) / part);
}

std::uint64_t tag(std::uint64_t epoch) { return (epoch & kEpochMask) << kAmountBits; }

// How many parts ago; more than parts_of(window) = not live.
std::uint64_t age(std::uint64_t cell, std::uint64_t epoch) {
  const std::uint64_t ahead = ((cell >> kAmountBits) - epoch) & kEpochMask;
  return ahead <= kAhead ? 0 : (epoch - (cell >> kAmountBits)) & kEpochMask;
}

std::uint64_t plus(std::uint64_t cell, std::int64_t amount) {
  const std::int64_t sum = static_cast<std::int64_t>(cell & kAmountMask) + amount;
  return (cell & ~kAmountMask) |
         static_cast<std::uint64_t>(std::clamp<std::int64_t>(sum, 0, static_cast<std::int64_t>(kAmountMask)));
}

}  // namespace

std::uint64_t SlidingWindow::put(std::uint64_t epoch, std::int64_t amount) {
  auto& word = cells_[epoch % kCells];
  std::uint64_t cell = word.load(std::memory_order_acquire);
  for (;;) {
    const std::uint64_t ahead = ((cell >> kAmountBits) - epoch) & kEpochMask;
    const bool newer = ahead <= kEpochMask / 2 && (cell & kAmountMask) != 0;  // the same part, or a later one
    const std::uint64_t next = plus(newer ? cell : tag(epoch), amount);
    if (word.compare_exchange_weak(cell, next, std::memory_order_seq_cst))
      return newer ? epoch + ahead : epoch;
  }
}

bool SlidingWindow::change(std::uint64_t epoch, std::int64_t amount) {
  auto& word = cells_[epoch % kCells];
  std::uint64_t cell = word.load(std::memory_order_acquire);
  while ((cell & ~kAmountMask) == tag(epoch) && (cell & kAmountMask) != 0) {
    if (word.compare_exchange_weak(cell, plus(cell, amount), std::memory_order_seq_cst)) return true;
  }
  return false;
}

bool SlidingWindow::take(std::int64_t cost, std::int64_t limit, Millis window, Millis now,
                         std::uint64_t& epoch) {
  // Most refusals end here and disturb nobody.
  if (cost > limit || figures(window, now).used > limit - cost) return false;
  epoch = put(epoch_of(window, now), cost);
  // Others may have taken at the same time: who sees too much steps back, so all together stay below.
  if (figures(window, now).used <= limit) return true;
  change(epoch, -cost);
  return false;
}

void SlidingWindow::settle(std::uint64_t epoch, std::int64_t from, std::int64_t to, Millis window,
                           Millis now) {
  const bool gone = epoch_of(window, now) > epoch + parts_of(window);
  if (!gone && change(epoch, to - from)) return;
  if (to > from) put(epoch_of(window, now), to - from);
}

SlidingWindow::Figures SlidingWindow::figures(Millis window, Millis now) const {
  const std::uint64_t epoch = epoch_of(window, now), parts = parts_of(window);
  std::int64_t used = 0;
  std::uint64_t youngest = parts + 1;
  for (const auto& word : cells_) {
    const std::uint64_t cell = word.load(std::memory_order_seq_cst);
    const auto amount = static_cast<std::int64_t>(cell & kAmountMask);
    if (amount == 0) continue;
    const std::uint64_t parts_ago = age(cell, epoch);
    if (parts_ago > parts) continue;
    used += amount;
    youngest = std::min(youngest, parts_ago);
  }
  if (used == 0) return {};
  const auto ends = static_cast<Millis>(epoch - youngest + parts + 1) * part_of(window);
  return {used, std::max<Millis>(0, ends - now)};
}

Millis SlidingWindow::wait(std::int64_t cost, std::int64_t limit, Millis window, Millis now) const {
  const std::uint64_t epoch = epoch_of(window, now), parts = parts_of(window);
  std::int64_t excess = figures(window, now).used + cost - limit;
  if (excess <= 0 || cost > limit) return 0;
  for (std::uint64_t back = std::min(parts, epoch);; --back) {  // the oldest part leaves first
    const std::uint64_t cell = cells_[(epoch - back) % kCells].load(std::memory_order_seq_cst);
    if ((cell & ~kAmountMask) == tag(epoch - back)) excess -= static_cast<std::int64_t>(cell & kAmountMask);
    if (excess <= 0 || back == 0)
      return static_cast<Millis>(epoch - back + parts + 1) * part_of(window) - now;
  }
}

}  // namespace kt::routing

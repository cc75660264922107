#pragma once
// Windows by key: a hash table of fixed size for many threads without a lock. A slot that was idle for two
// windows may be given to another key of the same window.

#include <atomic>
#include <memory>

#include "routing/sliding_window.hpp"

namespace kt::routing {

struct Slot {
  std::atomic<std::uint64_t> key{0};
  std::atomic<SlidingWindow*> window{nullptr};  // made at first use, kept
  std::atomic<Millis> last_use{0};
  std::atomic<Millis> length{0};  // of the window; 0 = not known yet, or never given away
  std::atomic<std::int64_t> in_flight{0};
};

class SlotTable {
 public:
  // Chunks of kChunk slots, each made when first needed. At most kMaxChunks, a power of two.
  explicit SlotTable(std::size_t chunks) : chunks_(chunks) {}
  ~SlotTable();
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  // The slot of that key (not 0 or 1), or nullptr when all near its place are in use. `length` 0: for
  // in_flight, the slot is never given away.
  Slot* find(std::uint64_t key, Millis length, Millis now);
  // Does the slot still belong to the key? Asked after writing: if not, the write has to be undone.
  static bool holds(const Slot& slot, std::uint64_t key) { return slot.key.load() == key; }

 private:
  static bool take_over(Slot& slot, std::uint64_t key, Millis length, Millis now);
  static void touch(Slot& slot, Millis length, Millis now);

  Slot* chunk(std::uint64_t key);

  static constexpr std::size_t kProbes = 32, kChunk = 256, kMaxChunks = 64;
  const std::size_t chunks_;
  std::array<std::atomic<Slot*>, kMaxChunks> made_{};
};

}  // namespace kt::routing

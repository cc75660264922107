#include "routing/slot_table.hpp"

namespace kt::routing {
namespace {

constexpr std::uint64_t kFree = 0, kChanging = 1;

}  // namespace

SlotTable::~SlotTable() {
  for (auto& made : made_) {
    Slot* slots = made.load();
    for (std::size_t i = 0; slots != nullptr && i < kChunk; ++i) delete slots[i].window.load();
    delete[] slots;
  }
}

Slot* SlotTable::chunk(std::uint64_t key) {
  auto& made = made_[(key >> 48) % chunks_];
  Slot* slots = made.load();
  if (slots != nullptr) return slots;
  auto fresh = std::make_unique<Slot[]>(kChunk);
  return made.compare_exchange_strong(slots, fresh.get()) ? fresh.release() : slots;
}

// The time is written before the key is read again (holds()); take_over() writes the key before it reads the
// time. So one of the two sees the other.
void SlotTable::touch(Slot& slot, Millis length, Millis now) {
  slot.last_use.store(now);
  if (length == 0) return;
  slot.length.store(length);
  if (slot.window.load() != nullptr) return;
  auto fresh = std::make_unique<SlidingWindow>();
  SlidingWindow* none = nullptr;
  if (slot.window.compare_exchange_strong(none, fresh.get())) static_cast<void>(fresh.release());
}

bool SlotTable::take_over(Slot& slot, std::uint64_t key, Millis length, Millis now) {
  std::uint64_t old = slot.key.load();
  const auto idle = [&] { return now - slot.last_use.load() > 2 * length; };
  if (old == kChanging || slot.length.load() != length || !idle()) return false;
  if (!slot.key.compare_exchange_strong(old, kChanging)) return false;
  const bool still_idle = idle();
  if (still_idle) slot.last_use.store(now);
  slot.key.store(still_idle ? key : old);
  return still_idle;
}

Slot* SlotTable::find(std::uint64_t key, Millis length, Millis now) {
  Slot* const slots = chunk(key);
  Slot* slot = nullptr;
  for (std::size_t i = 0; i < kProbes; ++i) {
    Slot& each = slots[(key + i) % kChunk];
    std::uint64_t known = each.key.load();
    if (known == kFree && each.key.compare_exchange_strong(known, key)) known = key;
    if (known != key) continue;
    slot = &each;
    break;
  }
  for (std::size_t i = 0; slot == nullptr && length != 0 && i < kProbes; ++i) {
    Slot& each = slots[(key + i) % kChunk];
    if (take_over(each, key, length, now)) slot = &each;
  }
  if (slot != nullptr) touch(*slot, length, now);
  return slot;
}

}  // namespace kt::routing

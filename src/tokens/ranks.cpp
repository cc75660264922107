#include "tokens/ranks.hpp"

#include <bit>
#include <cstring>

namespace kt::tokens {

std::uint64_t Ranks::hash(std::string_view bytes) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ull;
  std::uint64_t hash = bytes.size() * kOdd;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    hash = std::rotl((hash ^ word) * kOdd, 29);
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  hash = (hash ^ word) * kOdd;
  return hash ^ hash >> 32;
}

Ranks::Ranks(std::string_view packed) : packed_(packed) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < packed.size(); at += 1 + static_cast<unsigned char>(packed[at])) ++count;
  slots_.resize(std::bit_ceil(count + count / 2));
  mask_ = slots_.size() - 1;
  std::uint32_t rank = 0;
  for (std::size_t at = 0; at < packed.size(); ++rank) {
    const auto length = static_cast<unsigned char>(packed[at]);
    std::uint64_t slot = hash(packed.substr(at + 1, length)) & mask_;
    while (slots_[slot].rank != kNoRank) slot = (slot + 1) & mask_;
    slots_[slot] = {static_cast<std::uint32_t>(at), rank};
    at += 1 + length;
  }
}

std::uint32_t Ranks::find(std::string_view bytes) const {
  for (std::uint64_t at = hash(bytes) & mask_;; at = (at + 1) & mask_) {
    const Slot& slot = slots_[at];
    if (slot.rank == kNoRank) return kNoRank;
    const char* token = packed_.data() + slot.offset;
    if (static_cast<unsigned char>(*token) == bytes.size() &&
        std::memcmp(token + 1, bytes.data(), bytes.size()) == 0)
      return slot.rank;
  }
}

}  // namespace kt::tokens

#pragma once
// From the bytes of a token to its rank. Points into the packed file; holds a hash table of its own.

#include <cstdint>
#include <string_view>
#include <vector>

namespace kt::tokens {

inline constexpr std::uint32_t kNoRank = UINT32_MAX;

class Ranks {
 public:
  explicit Ranks(std::string_view packed);
  [[nodiscard]] std::uint32_t find(std::string_view bytes) const;

 private:
  struct Slot {
    std::uint32_t offset = 0;  // of the length byte in packed_
    std::uint32_t rank = kNoRank;
  };
  static std::uint64_t hash(std::string_view bytes);

  std::string_view packed_;
  std::vector<Slot> slots_;
  std::uint64_t mask_;
};

}  // namespace kt::tokens

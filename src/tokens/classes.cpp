#include <array>
#include <memory>
#include <vector>

#include "tokens/split.hpp"

namespace kt::embedded {
std::string_view token_classes();
}

namespace kt::tokens {
namespace {

constexpr std::uint32_t kPoints = 0x110000, kBlock = 256;

// Two stages: the block of a code point, then its class; equal blocks are stored once.
class Classes {
 public:
  static const Classes& table() {
    static const Classes classes;
    return classes;
  }
  [[nodiscard]] Class of(std::uint32_t point) const {
    return static_cast<Class>(blocks_[index_[point / kBlock]][point % kBlock]);
  }

 private:
  using Block = std::array<unsigned char, kBlock>;
  Classes() {
    const std::string_view ranges = embedded::token_classes();
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(ranges[at]); };
    const auto start = [&](std::size_t at) {
      return at >= ranges.size()
                 ? kPoints
                 : std::uint32_t{byte(at)} << 16 | std::uint32_t{byte(at + 1)} << 8 | byte(at + 2);
    };
    std::size_t range = 0;
    for (std::uint32_t first = 0; first < kPoints; first += kBlock) {
      Block block;
      for (std::uint32_t i = 0; i < kBlock; ++i) {
        if (first + i >= start(range + 4)) range += 4;
        block[i] = byte(range + 3);
      }
      index_[first / kBlock] = keep(block);
    }
  }
  std::uint16_t keep(const Block& block) {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i] == block) return static_cast<std::uint16_t>(i);
    }
    blocks_.push_back(block);
    return static_cast<std::uint16_t>(blocks_.size() - 1);
  }

  std::array<std::uint16_t, kPoints / kBlock> index_{};
  std::vector<Block> blocks_;
};

constexpr std::array<Class, 128> ascii_classes() {
  std::array<Class, 128> table{};
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = Class::upper;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = Class::lower;
  for (char c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = Class::number;
  for (const char c : {' ', '\t', '\v', '\f'}) table[static_cast<std::size_t>(c)] = Class::space;
  for (const char c : {'\r', '\n'}) table[static_cast<std::size_t>(c)] = Class::line_end;
  return table;
}
constexpr std::array<Class, 128> kAscii = ascii_classes();

// Shortest forms only, no surrogates, at most U+10FFFF (RFC 3629).
bool is_scalar(std::uint32_t point, unsigned bytes) {
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  return point >= kLeast[bytes] && point < kPoints && (point < 0xd800 || point > 0xdfff);
}

}  // namespace

Point point_at(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {kAscii[first], 1};
  const unsigned bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return {};
  std::uint32_t point = first & (0xffu >> (bytes + 1));
  for (unsigned i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    point = point << 6 | (next & 0x3fu);
  }
  if (!is_scalar(point, bytes)) return {};
  return {Classes::table().of(point), static_cast<unsigned char>(bytes)};
}

}  // namespace kt::tokens

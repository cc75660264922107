#pragma once
// One code point at a time, strictly: no overlong forms, no surrogates, nothing beyond U+10FFFF.

#include <cstdint>
#include <string_view>

namespace kt::text {

struct CodePoint {
  char32_t value = 0;
  unsigned length = 0;  // 0: no UTF-8 at this place
};

inline CodePoint decode_utf8(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {static_cast<char32_t>(lead), 1};
  if (lead >= 0xc2 && lead < 0xe0 && follows(1)) return {(lead & 0x1f) << 6 | (byte(1) & 0x3f), 2};
  if (lead >= 0xe0 && lead < 0xf0 && follows(1) && follows(2)) {
    const std::uint32_t value = (lead & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    if (value >= 0x800 && (value < 0xd800 || value > 0xdfff)) return {value, 3};
  }
  if (lead >= 0xf0 && lead < 0xf5 && follows(1) && follows(2) && follows(3)) {
    const std::uint32_t value =
        (lead & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
    if (value >= 0x10000 && value <= 0x10ffff) return {value, 4};
  }
  return {};
}

}  // namespace kt::text

#pragma once
// Character classes of RFC 9110 and 3986 as one table.

#include <array>
#include <cstddef>
#include <cstdint>

namespace kt::http::chars {

inline constexpr std::uint8_t kToken = 1, kValue = 2, kTarget = 4, kHost = 8, kHex = 16, kDigit = 32;

inline constexpr std::array<std::uint8_t, 256> kTable = [] {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&](const char* set, std::uint8_t bit) {
    for (; *set != '\0'; ++set) table[static_cast<unsigned char>(*set)] |= bit;
  };
  for (int c = 0; c < 256; ++c) {
    auto& bits = table[static_cast<std::size_t>(c)];
    const bool digit = c >= '0' && c <= '9', alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (digit || alpha) bits |= kToken | kHost;
    if (digit) bits |= kDigit | kHex;
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) bits |= kHex;
    if ((c >= 0x20 && c != 0x7f) || c == '\t') bits |= kValue;  // obs-text included
    if (c > 0x20 && c < 0x7f) bits |= kTarget;
  }
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("-._~%!$&'()*+,;=", kHost);
  table['#'] &= static_cast<std::uint8_t>(~kTarget);
  return table;
}();

constexpr bool is(char c, std::uint8_t bits) { return (kTable[static_cast<unsigned char>(c)] & bits) != 0; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// `lower_text` is lower case already.
template <class A, class B>
constexpr bool iequals(const A& text, const B& lower_text) {
  if (text.size() != lower_text.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_text[i]) return false;
  }
  return true;
}

}  // namespace kt::http::chars

#include "text/entropy.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "text/context.hpp"

namespace kt::text {

double entropy(std::string_view token) {
  std::array<unsigned short, 256> counts{};
  for (const char c : token) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned short count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(token.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

namespace {

// A few characters again and again.
bool repeats(std::string_view token) {
  constexpr std::size_t kTimes = 3, kLeast = 12;
  for (std::size_t period = 2; period <= 8; ++period) {
    const std::size_t size = std::max(period * kTimes, kLeast);
    if (size > token.size()) break;
    if (token.substr(period, size - period) == token.substr(0, size - period)) return true;
  }
  return false;
}

}  // namespace

bool placeholder(std::string_view token) {
  if (repeats(token)) return true;
  std::size_t same = 1;
  for (std::size_t i = 1; i < token.size(); ++i) {
    same = token[i] == token[i - 1] ? same + 1 : 1;
    if (same >= 6) return true;
  }
  for (const std::string_view word : {"xxxx", "your", "placeholder", "changeme", "dummy", "redacted",
                                      "insert", "tokenhere", "keyhere", "abcdefgh"}) {
    if (has_word(token, word)) return true;
  }
  return false;
}

}  // namespace kt::text

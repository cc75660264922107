#pragma once
// The characters of the folded view, one at a time, with their places in the source.

#include <array>
#include <cstdint>
#include <string_view>

#include "kt/text/fold.hpp"

namespace kt::text {

// word: letters and digits; solo: characters that are words by themselves (scripts without spaces, Hangul).
enum class CharClass : std::uint8_t { separator, word, solo };

struct Visible {
  char32_t value = 0;
  std::uint32_t begin = 0, end = 0;  // source bytes of its code point
  CharClass kind = CharClass::separator;
};

CharClass class_of(char32_t value);

// What fold() makes of an ASCII byte; 0: nothing stays, or the byte is not ASCII.
inline constexpr auto kFoldedAscii = [] {
  std::array<char, 256> table{};
  for (int c = 0x20; c < 0x7f; ++c) table[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  for (const int c : {'\t', '\n', '\v', '\f', '\r'}) table[c] = ' ';
  return table;
}();

inline constexpr auto kAsciiWord = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
  return table;
}();

class Visibles {
 public:
  // Reads text from byte `at` on; `scratch` is reused memory.
  Visibles(std::string_view text, std::size_t at, Folded& scratch)
      : text_(text), at_(static_cast<std::uint32_t>(at)), folded_(scratch) {
    folded_.text.clear();
  }

  bool next(Visible& out) {
    for (;;) {
      if (fold_at_ < folded_.text.size()) return take_folded(out);
      if (at_ >= text_.size()) return false;
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte >= 0x80) {
        fold_run();
      } else if (kFoldedAscii[byte] == 0) {
        ++at_;
      } else {
        const auto kind = kAsciiWord[byte] ? CharClass::word : CharClass::separator;
        out = {static_cast<unsigned char>(kFoldedAscii[byte]), at_, at_ + 1, kind};
        ++at_;
        return true;
      }
    }
  }

  // The next character begins at at().
  [[nodiscard]] bool between_folds() const { return fold_at_ >= folded_.text.size(); }
  void jump(std::size_t at) { at_ = static_cast<std::uint32_t>(at); }
  [[nodiscard]] std::uint32_t at() const { return at_; }

 private:
  void fold_run();
  bool take_folded(Visible& out);

  std::string_view text_;
  std::uint32_t at_;
  std::uint32_t fold_base_ = 0;  // where the folded run begins in text
  std::size_t fold_at_ = 0;      // the next byte of the folded run
  Folded& folded_;
};

}  // namespace kt::text

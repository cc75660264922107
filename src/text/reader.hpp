#pragma once
// How a recogniser reads. A byte that has not arrived makes the reader starved: whatever was concluded is
// then undecided. What was read without starving stays true when more text comes.

#include <array>
#include <string_view>

#include "kt/text/window.hpp"

namespace kt::text {

struct Memo;

struct Reader {
  std::string_view text;
  bool end = true;
  bool starved = false;
  Memo* memo = nullptr;  // needed for words, groups of digits and long runs

  // The byte, or -1 behind the text's end.
  int at(std::size_t i) {
    if (i < text.size()) return static_cast<unsigned char>(text[i]);
    starved |= !end;
    return -1;
  }
  // What stands before i, as far as a recogniser may look.
  [[nodiscard]] std::string_view before(std::size_t i) const {
    const std::size_t begin = i > kContext ? i - kContext : 0;
    return text.substr(begin, i - begin);
  }
};

constexpr bool is_digit(int c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(int c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(int c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_alpha(int c) { return is_upper(c) || is_lower(c); }
constexpr bool is_alnum(int c) { return is_digit(c) || is_alpha(c); }
constexpr bool is_hex(int c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_space(int c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr int lower(int c) { return is_upper(c) ? c + 32 : c; }

// Bytes by a table.
class ByteSet {
 public:
  explicit constexpr ByteSet(std::string_view bytes) {
    for (const char c : bytes) has_[static_cast<unsigned char>(c)] = true;
  }
  [[nodiscard]] constexpr bool has(int c) const { return c >= 0 && has_[static_cast<std::size_t>(c)]; }

 private:
  std::array<bool, 256> has_{};
};

// Whether `text` stands at i; in any case, for `text` in lower case.
bool literal(Reader& reader, std::size_t i, std::string_view text);
bool literal_any_case(Reader& reader, std::size_t i, std::string_view text);

// Whether a word goes on at i: letters and digits of scripts that put spaces between words.
bool word_at(Reader& reader, std::size_t i);
// Whether a word stands directly before i.
bool word_before(std::string_view text, std::size_t i);

}  // namespace kt::text

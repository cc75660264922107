#pragma once
// Cuts a text into the pieces that byte pair encoding works on, as the two published patterns do: words with
// one leading character, numbers of up to three digits, punctuation, white space. Written by hand: one pass,
// no backtracking.

#include <cstdint>
#include <string_view>

#include "kt/tokens/vocabulary.hpp"

namespace kt::tokens {

// Numbers as in classes.ranges.
enum class Class : unsigned char { other, upper, lower, letter, mark, number, space, line_end };

struct Point {
  Class kind = Class::other;
  unsigned char bytes = 1;  // 1 for a byte that is no UTF-8
};

// The code point at the front of `text`, which is not empty.
Point point_at(std::string_view text);

// Length of the piece at the front of `text`, which is not empty.
std::size_t o200k_piece(std::string_view text);
std::size_t cl100k_piece(std::string_view text);

}  // namespace kt::tokens

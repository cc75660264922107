#pragma once
// Edits between a word and a text's word: insertions, deletions, substitutions, swaps of neighbours (optimal
// string alignment).

#include <cstdint>
#include <string_view>

namespace kt::text {

inline constexpr std::size_t kMaxFuzzyWord = 64;  // characters of a word that edits are counted for

// At most `limit`, else limit + 1. Both at most kMaxFuzzyWord + 8 characters.
unsigned edit_distance(std::u32string_view word, std::u32string_view text, unsigned limit);

// The fewest edits that a word beginning with `text` can end up with: the least distance of a beginning of
// `word`.
unsigned prefix_distance(std::u32string_view word, std::u32string_view text, unsigned limit);

inline std::uint64_t signature_bit(char32_t character) { return std::uint64_t{1} << (character % 61); }

// One bit per kind of character; an edit changes at most two.
std::uint64_t signature(std::u32string_view word);

}  // namespace kt::text

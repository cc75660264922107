#pragma once
// Words that stand before a number and say what it is.

#include <initializer_list>
#include <string_view>

namespace kt::text {

// Whether one of `words` (lower case) stands in the last `reach` bytes of `before`, at word boundaries. A
// word that ends in '*' may go on.
bool near(std::string_view before, std::size_t reach, std::initializer_list<std::string_view> words);

// The same for words in one string, parted by '|'.
bool near(std::string_view before, std::size_t reach, std::string_view words);

// Whether one of `words` stands directly before: only separators, quotes, markup or a linking word between.
bool labelled(std::string_view before, std::initializer_list<std::string_view> words);

// The label that stands directly before a value: the end of `before` up to where its separators begin, at
// most 64 bytes. Empty: no separator, no label.
std::string_view label_of(std::string_view before);

// Whether `word` (lower case) occurs in `text` in any case.
bool has_word(std::string_view text, std::string_view word);

}  // namespace kt::text

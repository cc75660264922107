#pragma once
// Words that stand before a value and say what it is.
//
// A text is searched for all lists' words at once and only once: what was found stays in the Memo of the
// walk, and each question after that looks up the last place of its list.

#include <array>
#include <cstdint>
#include <string_view>

#include "text/reader.hpp"

namespace kt::text {

// A list in lower case, parted by '|'. A word that ends in '*' may go on, one that begins with '*' may begin
// inside another. Constants at namespace scope only: the lists are put together before the first search.
class Words {
 public:
  Words(const char* list);
  [[nodiscard]] std::size_t id() const { return id_; }
  [[nodiscard]] bool empty() const { return empty_; }

 private:
  std::size_t id_;
  bool empty_;
};

inline constexpr std::size_t kMostLists = 128;

// Where words were found so far. Speed only: no answer depends on what was asked before.
struct ContextMemo {
  std::size_t from = 0, to = 0;              // searched
  std::array<std::size_t, kMostLists> last;  // 1 + the last begin of a word of each list
  std::size_t label_at = 0;                  // of the value that the two ends below were made for
  std::size_t full = 0, core = 0;            // ends of the label before it, with and without linking words
  ContextMemo() { last.fill(0); }
};

// Whether a word of `words` stands in the last `reach` bytes before `at`, at word boundaries.
bool near(const Reader& reader, std::size_t at, std::size_t reach, const Words& words);

// Whether a word of `words` stands directly before `at`: only separators, quotes, markup or a linking word
// between.
bool labelled(const Reader& reader, std::size_t at, const Words& words);

// The label that stands directly before a value: the end of `before` up to where its separators begin, at
// most 64 bytes. Empty: no separator or a long row of them, no label.
std::string_view label_of(std::string_view before);

// Whether `word` (lower case) occurs in `text` in any case.
bool has_word(std::string_view text, std::string_view word);

}  // namespace kt::text

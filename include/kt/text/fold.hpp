#pragma once
// A second view of a text, for matching only: disguises of letters undone, with the way back to the bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kt::text {

struct FoldOptions {
  bool normalize = true;    // compatibility forms, diacritics, invisible and bidirectional characters
  bool confusables = true;  // look-alike letters (UTS #39) to their Latin prototypes
};

// text[i] came from the code point that begins at source byte origin[i]. origin has one more element than
// text: the source's size.
struct Folded {
  std::string text;
  std::vector<std::uint32_t> origin;
  // Hidden or look-alike characters inside words of Latin letters, smuggled or styled characters.
  bool disguised = false;
};

// Folds code point by code point: the view of a text cut between code points is the views of its parts, in
// order; `disguised` alone looks at neighbours. Lower case; white space of every kind is one ' ' each, line
// ends are '\n'; invisible, bidirectional, combining and private-use characters are gone; tag characters and
// variation-selector bytes stand as the ASCII they spell. Digits of every script are ASCII digits. ASCII is
// folded whatever the options. Any bytes: what is no UTF-8 is one '?' a byte.
// Linear; reuses `out`'s memory. ASCII text costs about a nanosecond a byte.
void fold(std::string_view text, const FoldOptions& options, Folded& out);

}  // namespace kt::text

#pragma once
// Terms and phrases, found in any text however they are spaced, cased or disguised. The rules in words are in
// docs/detection-safety.md.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kt/base/result.hpp"
#include "kt/text/window.hpp"

namespace kt::text {

inline constexpr std::size_t kMaxTerm = 256;     // bytes of a term
inline constexpr std::uint8_t kMaxDistance = 8;  // edits of a whole term

struct Term {
  std::string text;
  std::uint16_t kind = 0;         // Match::kind of its matches
  std::uint8_t max_distance = 0;  // edits allowed over the whole term; a word takes (letters - 1) / 4 of them
  bool capitals = false;          // only where the match has no lower-case ASCII letter
};

// A term matches between word boundaries, in the folded view (fold.hpp). Between two of its words stands
// white space or punctuation; in scripts without spaces, and in Hangul, every character is a word and nothing
// needs to stand between. Digits and signs for letters (b0mb, $hell) and spelled-out words (b-o-m-b) match
// too. A match has at most kGap bytes between two of its characters.
class TermFinder : public Finder {
 public:
  static constexpr std::size_t kGap = 64;

  // Whether a term can be searched for; the error's message says why not, without the term.
  static Status check(std::string_view term);

  // Leaves out terms that fail check(). Of two terms that are the same in the folded view the first counts.
  explicit TermFinder(const std::vector<Term>& terms);
  ~TermFinder() override;

  // Leftmost, then longest.
  [[nodiscard]] Found next(const Window& window) const override;

  struct Tables;

 private:
  std::unique_ptr<const Tables> tables_;
};

}  // namespace kt::text

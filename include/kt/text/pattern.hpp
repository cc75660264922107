#pragma once
// Patterns of the configuration (RE2 syntax) as finders.
//
// RE2 searches whole texts only. What a stream may let go is told by a second pattern, made from the first:
// it matches the beginnings that could still become a match. As long as such a beginning reaches to the end
// of what has arrived, nothing from its first byte on is decided.

#include <memory>
#include <string>
#include <vector>

#include "kt/text/window.hpp"

namespace re2 {
class RE2;
}

namespace kt::text {

struct PatternFault {
  std::size_t index = 0;   // of the pattern
  std::string message;     // RE2's, or ours
  std::string suggestion;  // what to do
};

// Match::kind is the pattern's index. Leftmost; of two patterns that match at one place the longer match;
// inside a pattern RE2's preference (the first alternative). ^ and $ without (?m) are the lane's begin and
// end. Linear while beginnings of matches are bounded; a pattern like x.*y|z keeps a whole lane undecided.
class PatternFinder : public Finder {
 public:
  static constexpr std::size_t kMostPatterns = 256, kLongestPattern = 4096;

  // Null with at least one fault: a pattern that RE2 refuses, that is too long, or that matches the empty
  // text.
  static std::unique_ptr<PatternFinder> make(const std::vector<std::string>& patterns,
                                             std::vector<PatternFault>& faults);
  ~PatternFinder() override;

  [[nodiscard]] Found next(const Window& window) const override;

  // False: no such second pattern could be made, and a lane is held until it ends.
  [[nodiscard]] bool bounded(std::size_t pattern) const;

 private:
  PatternFinder();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kt::text

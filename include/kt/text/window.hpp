#pragma once
// How text is searched while it is still arriving. One rule makes a stream and a whole text give the same
// result: what a finder has decided may not depend on text that has not arrived.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kt::text {

// A stretch of one lane's text. UTF-8; a surrogate that came alone stands as its three-byte form.
struct Window {
  std::string_view text;
  std::size_t from = 0;  // the first undecided byte; what is before it is context only
  bool end = true;       // nothing follows text
};

// A finder may look back this far from a match's first byte, and no further: a stream keeps no more.
inline constexpr std::size_t kContext = 256;

struct Match {
  std::size_t begin = 0, end = 0;  // bytes of Window::text, never empty
  std::uint16_t kind = 0;          // the finder's own numbering
};

struct Found {
  std::optional<Match> match;  // the leftmost one, decided: more text changes nothing about it
  std::size_t safe = 0;        // without a match: none begins before this byte, whatever follows
};

// Immutable and shared by threads. The contract, held by property tests:
//  - Of two answers for one text, cut at different places, the decided parts agree.
//  - Searching on from `safe` or from a match's end gives what searching on in the whole text gives.
//  - With end = true everything is decided: a match, or safe == text.size().
//  - Linear time in text.size() - from over a whole search, whatever the bytes.
class Finder {
 public:
  virtual ~Finder() = default;
  [[nodiscard]] virtual Found next(const Window& window) const = 0;
};

}  // namespace kt::text

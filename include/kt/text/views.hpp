#pragma once
// What a text says once it is decoded: bounded views for matching only.

#include <string>
#include <string_view>
#include <vector>

#include "kt/text/fold.hpp"

namespace kt::text {

// One way to read a text. Names are static: base64, hex, percent, html, escape, spaced, leet, reversed,
// rot13.
struct View {
  std::string_view name;
  std::string text;    // folded
  bool whole = false;  // the whole text with something undone: says all that the text itself says
};

struct Views {
  std::vector<View> list;
  bool capped = false;  // there was more to decode than the limits allow
};

// Views of `text`, whose folded form is `folded`; nested codings two deep. All views together are at most
// kViewBytes times as long as the text (and at least kViewFloor are allowed). A view is there only when the
// text has something of its kind, so ordinary text has none and costs 7 ns a byte (bench/injection_bench.cpp, `views`,
// two busy cores). Linear.
inline constexpr std::size_t kViewBytes = 1, kViewFloor = 16384;
void decoded_views(std::string_view text, std::string_view folded, const FoldOptions& options, Views& out);

}  // namespace kt::text

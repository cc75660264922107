#pragma once
// From a lane's bytes in a document to the text that policies read, and back.
//
// A JSON string is unescaped once. Arguments of a call are JSON inside a JSON string: they are unescaped
// twice, so that an address written with \u0040 is an address. What tells the inner string's end from a quote
// in its text is kQuote, which stands for an escaped quote; scanners take it for a quote.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kt::llm {

inline constexpr std::string_view kQuote = "\xef\xb7\x90";  // U+FDD0, a noncharacter

// A change of a text: what stands in the place of [begin, end).
struct Edit {
  std::size_t begin = 0, end = 0;
  std::string text;
  friend bool operator==(const Edit&, const Edit&) = default;
};

// The text of a lane. `raw` is what stands between the quotes.
std::string lane_text(std::string_view raw, bool json);

// `raw` with edits of lane_text(raw, json), which are in order and do not overlap. Everything else keeps its
// bytes. In arguments a replaced bare value becomes a string, and brackets, commas and the quotes around
// strings stay.
std::string splice_lane(std::string_view raw, bool json, std::span<const Edit> edits);

// The texts of a call's arguments while they stream: an escape cut in two waits for its rest.
class ArgumentsDecoder {
 public:
  // Appends the text of the next piece (already unescaped once).
  void take(std::string_view piece, std::string& out);
  // The unfinished escape that is waiting, as it came.
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string rest_;
};

// What stands for `original` in the text of arguments when `marker` replaces it; `in_string`: whether the text
// is inside a string there, and afterwards.
std::string replace_in_arguments(std::string_view original, std::string_view marker, bool& in_string);

// The way back: text that has passed to JSON, knowing what is inside a string.
class ArgumentsEncoder {
 public:
  void pass(std::string_view text, std::string& out);
  void replace(std::string_view original, std::string_view marker, std::string& out);

 private:
  bool in_string_ = false;
};

}  // namespace kt::llm

#include "kt/text/views.hpp"

#include <algorithm>

#include "text/decoders.hpp"

namespace kt::text {
namespace {

constexpr unsigned kDeepest = 2;

class Decoder {
 public:
  Decoder(const FoldOptions& options, std::size_t budget, Views& out)
      : options_(options), budget_(budget), out_(out) {}

  // Each view is taken of the text with scattered letters already joined.
  void letters(std::string_view folded, unsigned depth) {
    const std::string joined = join_spaced_letters(folded);
    const std::string_view text = keep("spaced", joined, depth) ? std::string_view(joined) : folded;
    keep("leet", undo_leet(text), depth);
    Reversed reversed = undo_reversal(text);
    keep("reversed", std::move(reversed.whole), depth);
    keep("reversed", std::move(reversed.words), depth);
    keep("rot13", undo_rot13(text), depth);
  }

  // True: the whole text was escaped, and its letters have been read.
  bool bytes(std::string_view text, unsigned depth) {
    const Unescaped unescaped = decode_escapes(text);
    const bool whole = found(unescaped.name, unescaped.text, depth);
    found("base64", decode_base64_runs(text), depth);
    found("hex", decode_hex_runs(text), depth);
    return whole;
  }

 private:
  // A decoded text: kept folded, and read for what is coded inside.
  bool found(std::string_view name, const std::string& text, unsigned depth) {
    if (text.empty()) return false;
    Folded folded;
    fold(text, options_, folded);
    if (!keep(name, folded.text, depth)) return false;
    if (depth < kDeepest && !bytes(text, depth + 1)) letters(folded.text, depth + 1);
    return true;
  }

  bool keep(std::string_view name, std::string text, unsigned depth) {
    if (text.empty()) return false;
    if (text.size() > budget_) {
      out_.capped = true;
      return false;
    }
    budget_ -= text.size();
    const bool whole =
        depth == 1 && (name == "spaced" || name == "percent" || name == "html" || name == "escape");
    out_.list.push_back({name, std::move(text), whole});
    return true;
  }

  const FoldOptions& options_;
  std::size_t budget_;
  Views& out_;
};

}  // namespace

void decoded_views(std::string_view text, std::string_view folded, const FoldOptions& options, Views& out) {
  out.list.clear();
  out.capped = false;
  Decoder decoder(options, std::max(kViewFloor, text.size() * kViewBytes), out);
  if (!decoder.bytes(text, 1)) decoder.letters(folded, 1);
}

}  // namespace kt::text

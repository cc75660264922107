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

  void letters(std::string_view folded) {
    keep("spaced", join_spaced_letters(folded));
    keep("leet", undo_leet(folded));
    Reversed reversed = undo_reversal(folded);
    keep("reversed", std::move(reversed.whole));
    keep("reversed", std::move(reversed.words));
    keep("rot13", undo_rot13(folded));
  }

  void bytes(std::string_view text, unsigned depth) {
    Unescaped unescaped = decode_escapes(text);
    found(unescaped.name, unescaped.text, depth);
    found("base64", decode_base64_runs(text), depth);
    found("hex", decode_hex_runs(text), depth);
  }

 private:
  // A decoded text: kept folded, and read for what is coded inside.
  void found(std::string_view name, const std::string& text, unsigned depth) {
    if (text.empty()) return;
    Folded folded;
    fold(text, options_, folded);
    if (!keep(name, folded.text)) return;
    if (depth == kDeepest) return;
    bytes(text, depth + 1);
    letters(folded.text);
  }

  bool keep(std::string_view name, std::string text) {
    if (text.empty()) return false;
    if (text.size() > budget_) {
      out_.capped = true;
      return false;
    }
    budget_ -= text.size();
    out_.list.push_back({name, std::move(text)});
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
  decoder.bytes(text, 1);
  decoder.letters(folded);
}

}  // namespace kt::text

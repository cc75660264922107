#include "text/visible.hpp"

#include <utf8proc.h>

#include "text/utf8.hpp"

namespace kt::text {
namespace {

struct Range {
  char32_t first, last;
};

// Thai, Lao, Myanmar, Hangul jamo, Khmer, kana, Han, Hangul, compatibility Han, supplementary Han.
constexpr Range kSolo[] = {{0x0e00, 0x0eff}, {0x1000, 0x109f}, {0x1100, 0x11ff}, {0x1780, 0x17ff},
                           {0x3040, 0x30ff}, {0x3130, 0x318f}, {0x31f0, 0x31ff}, {0x3400, 0x4dbf},
                           {0x4e00, 0x9fff}, {0xac00, 0xd7af}, {0xf900, 0xfaff}, {0x20000, 0x3ffff}};

bool is_word(char32_t value) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(value));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

}  // namespace

CharClass class_of(char32_t value) {
  if (value < 0x80) return kAsciiWord[value] ? CharClass::word : CharClass::separator;
  if (!is_word(value)) return CharClass::separator;
  for (const Range& range : kSolo) {
    if (value >= range.first && value <= range.last) return CharClass::solo;
  }
  return CharClass::word;
}

void Visibles::fold_run() {
  const std::uint32_t begin = at_;
  while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0x80) ++at_;
  fold(text_.substr(begin, at_ - begin), {}, folded_);
  fold_base_ = begin;
  fold_at_ = 0;
}

// A code point's end is where the next byte that is no continuation stands: fold's origins skip what is gone.
bool Visibles::take_folded(Visible& out) {
  const CodePoint point = decode_utf8(folded_.text, fold_at_);
  const std::uint32_t begin = fold_base_ + folded_.origin[fold_at_];
  const CodePoint source = decode_utf8(text_, begin);
  out.value = point.length == 0 ? U'?' : point.value;
  out.begin = begin;
  out.end = begin + (source.length == 0 ? 1 : source.length);
  out.kind = class_of(out.value);
  fold_at_ += point.length == 0 ? 1 : point.length;
  return true;
}

}  // namespace kt::text

#pragma once
// The scan of scan.hpp as a template: the handler's calls are resolved at compile time. A handler has the
// members of json::Handler, need not derive from it, and may leave out none of them.

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <bit>
#include <vector>

#include "kt/json/scan.hpp"

namespace kt::json {

// Offset of the first byte that is not valid UTF-8, or npos.
std::size_t invalid_utf8(std::string_view text);

namespace detail {

// The member names of the open objects, to find duplicates. Reused by a thread's scans, so that a scan
// allocates nothing once the buffers have grown.
class Names {
 public:
  static Names& of_thread();
  void clear();
  void open() { starts_.push_back(static_cast<std::uint32_t>(names_.size())); }
  // The offset of a duplicate, or npos. Small objects are checked name by name, large ones when they close.
  std::size_t add(std::string_view text, Span name, bool escaped);
  std::size_t close(std::string_view text);

 private:
  struct Name {
    std::uint64_t hash;
    Span span;
    bool escaped;
  };
  static bool same(std::string_view text, const Name& a, const Name& b);
  std::vector<Name> names_;
  std::vector<std::uint32_t> starts_;
};

// Offset of the next quote, backslash or control byte at or after `at`.
inline std::size_t skip_plain(std::string_view text, std::size_t at) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
  while (at + 16 <= text.size()) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const int mask = _mm_movemask_epi8(special);
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(mask)));
    at += 16;
  }
#endif
  while (at < text.size() && text[at] != '"' && text[at] != '\\' &&
         static_cast<unsigned char>(text[at]) >= 0x20)
    ++at;
  return at;
}

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_hex(char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }
inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// kTrusted: the text has passed a scan before, so UTF-8 and duplicate names are not looked at again.
template <class H, bool kTrusted = false>
class Scanner {
 public:
  Scanner(std::string_view text, H& handler, const Limits& limits)
      : text_(text), handler_(handler), limits_(limits), names_(Names::of_thread()) {}

  Fault run() {
    if constexpr (!kTrusted) names_.clear();
    skip_space();
    if (!value()) return fault_;
    while (depth_ > 0) {
      if (!element()) return fault_;
    }
    skip_space();
    if (at_ != text_.size()) fail("text after the document");
    return fault_;
  }

 private:
  bool fail(const char* what) {
    fault_ = {at_, what};
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  // One step inside the innermost container: its next element, or its end.
  bool element() {
    skip_space();
    if (at_ == text_.size()) return fail("the document ends early");
    const bool object = in_object();
    if (text_[at_] == (object ? '}' : ']')) {
      if (after_comma_) return fail("a comma before the closing bracket");
      return close(object);
    }
    if (!first_ && !after_comma_) {
      if (text_[at_] != ',') return fail("a comma or a closing bracket is missing");
      ++at_;
      after_comma_ = true;
      return true;
    }
    first_ = after_comma_ = false;
    if (object && !member_name()) return false;
    return value();
  }

  bool member_name() {
    if (text_[at_] != '"') return fail("a member name must be a string");
    Span span;
    bool escaped = false;
    if (!string_token(span, escaped)) return false;
    if constexpr (!kTrusted) {
      const std::size_t duplicate = names_.add(text_, span, escaped);
      if (duplicate != std::string_view::npos) return fail_duplicate(duplicate);
    }
    handler_.name(span, escaped);
    skip_space();
    if (at_ == text_.size() || text_[at_] != ':') return fail("a colon is missing");
    ++at_;
    skip_space();
    return true;
  }

  bool fail_duplicate(std::size_t at) {
    fault_ = {at, "a duplicate member name", true};
    return false;
  }

  bool value() {
    if (at_ == text_.size()) return fail("the document ends early");
    switch (text_[at_]) {
      case '{':
        return open(true);
      case '[':
        return open(false);
      case '"': {
        Span span;
        bool escaped = false;
        if (!string_token(span, escaped)) return false;
        handler_.string(span, escaped);
        return true;
      }
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  // The kinds of the open containers, innermost in the lowest bit of the last word.
  bool in_object() const { return (kinds_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1; }

  bool open(bool object) {
    if (depth_ >= limits_.max_depth || depth_ >= kMaxDepth) return fail("nested too deeply");
    const std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
    if (object) {
      kinds_[depth_ / 64] |= bit;
      if constexpr (!kTrusted) names_.open();
      handler_.begin_object(at_);
    } else {
      kinds_[depth_ / 64] &= ~bit;
      handler_.begin_array(at_);
    }
    ++depth_;
    ++at_;
    first_ = true;
    after_comma_ = false;
    return true;
  }

  bool close(bool object) {
    ++at_;
    --depth_;
    first_ = false;
    if (!object) {
      handler_.end_array(at_);
      return true;
    }
    if constexpr (!kTrusted) {
      const std::size_t duplicate = names_.close(text_);
      if (duplicate != std::string_view::npos) return fail_duplicate(duplicate);
    }
    handler_.end_object(at_);
    return true;
  }

  bool string_token(Span& span, bool& escaped) {
    span.begin = ++at_;
    for (;;) {
      at_ = skip_plain(text_, at_);
      if (at_ == text_.size()) return fail("an unfinished string");
      if (text_[at_] == '"') break;
      if (text_[at_] != '\\') return fail("a control character in a string");
      escaped = true;
      if (!escape_token()) return false;
    }
    span.end = at_++;
    return true;
  }

  bool escape_token() {
    if (at_ + 1 >= text_.size()) return fail("an unfinished string");
    const char c = text_[at_ + 1];
    if (c != 'u') {
      if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) return fail("an unknown escape");
      at_ += 2;
      return true;
    }
    for (std::size_t i = at_ + 2; i < at_ + 6; ++i) {
      if (i >= text_.size() || !is_hex(text_[i])) return fail("a malformed \\u escape");
    }
    at_ += 6;
    return true;
  }

  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("an unknown word");
    handler_.literal({at_, at_ + word.size()});
    at_ += word.size();
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > begin || fail("a malformed number");
  }

  bool number() {
    const std::size_t begin = at_;
    if (text_[at_] == '-') ++at_;
    if (at_ < text_.size() && text_[at_] == '0') {
      ++at_;
    } else if (at_ == text_.size() || !is_digit(text_[at_])) {
      return fail(at_ == begin ? "an unexpected character" : "a malformed number");
    } else if (!digits()) {
      return false;
    }
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (at_ < text_.size() && (text_[at_] | 0x20) == 'e') {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (!digits()) return false;
    }
    handler_.number({begin, at_});
    return true;
  }

  static constexpr std::uint32_t kMaxDepth = 1024;
  std::string_view text_;
  H& handler_;
  const Limits& limits_;
  Names& names_;
  std::size_t at_ = 0;
  std::uint32_t depth_ = 0;
  std::uint64_t kinds_[kMaxDepth / 64] = {};
  bool first_ = false, after_comma_ = false;
  Fault fault_;
};

}  // namespace detail

template <class H>
Fault scan_with(std::string_view text, H& handler, const Limits& limits = {}) {
  const std::size_t bad = invalid_utf8(text);
  if (bad != std::string_view::npos) return {bad, "invalid UTF-8"};
  detail::Scanner<H> scanner(text, handler, limits);
  return scanner.run();
}

// The same for a text that has passed scan_with() or scan() already; anything else is misread, not refused.
template <class H>
Fault scan_again_with(std::string_view text, H& handler, const Limits& limits = {}) {
  detail::Scanner<H, true> scanner(text, handler, limits);
  return scanner.run();
}

}  // namespace kt::json

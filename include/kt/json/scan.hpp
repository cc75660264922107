#pragma once
// One strict forward pass over a JSON text (RFC 8259): no DOM, no copy. What it accepts has one reading only:
// one document, no NUL byte, valid UTF-8 (RFC 3629), bounded depth, no duplicate member names.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kt::json {

// A half-open range of bytes of the scanned text.
struct Span {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
  [[nodiscard]] bool empty() const { return begin == end; }
  [[nodiscard]] std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
  friend bool operator==(const Span&, const Span&) = default;
};

struct Limits {
  std::uint32_t max_depth = 64;
};

struct Fault {
  std::size_t offset = 0;      // of the first byte that is wrong
  const char* what = nullptr;  // a phrase without any of the text; nullptr = no fault
  bool duplicate = false;      // a duplicate member name
  explicit operator bool() const { return what != nullptr; }
};

// What the scan tells. Spans of strings and names exclude the quotes; `escaped` says that the span holds a
// backslash.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual void begin_object(std::size_t /*offset of the bracket*/) {}
  virtual void end_object(std::size_t /*offset just behind the bracket*/) {}
  virtual void begin_array(std::size_t) {}
  virtual void end_array(std::size_t) {}
  virtual void name(Span, bool /*escaped*/) {}
  virtual void string(Span, bool /*escaped*/) {}
  virtual void number(Span) {}
  virtual void literal(Span) {}  // true, false, null
};

// Scans the whole text, leading and trailing white space included. Linear time; memory bounded by the depth
// and the members of the open objects. json/scan_inline.hpp has the same scan as a template over the handler,
// for the per-event path.
Fault scan(std::string_view text, Handler& handler, const Limits& limits = {});

// Checks only.
Fault check(std::string_view text, const Limits& limits = {});

// The characters of a string span: escapes resolved to UTF-8; a lone surrogate escape becomes
// the three bytes that escape() turns back into it.
// Precondition: the span came from a scan without fault.
std::string unescape(std::string_view raw);

// Appends `text` (UTF-8) as the inside of a JSON string: quotes, backslash, control characters and
// lone surrogates escaped, the rest as is.
void escape(std::string_view text, std::string& out);

}  // namespace kt::json

// JSON strings from bytes that anybody may have chosen: one line stays one line, and no terminal is fooled.
#include <cstdio>

#include "kt/audit/record.hpp"

namespace kt::audit {
namespace {

constexpr std::uint32_t kInvalid = 0xfffd;

struct Decoded {
  std::uint32_t point = kInvalid;
  std::size_t bytes = 1;
};

// One character of UTF-8 (RFC 3629), or one invalid byte.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (size == 0 || first > 0xf4 || text.size() < size) return {};
  std::uint32_t point = first & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3fu);
  }
  static constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[size] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return {};
  return {point, size};
}

bool plain(unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }

bool escaped(std::uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
         point == '"' || point == '\\' || (point >= 0x202a && point <= 0x202e) ||
         (point >= 0x2066 && point <= 0x2069);
}

void append_escaped(std::uint32_t point, std::string& out) {
  if (point == '"' || point == '\\') {
    out += '\\';
    out += static_cast<char>(point);
    return;
  }
  char text[8];
  out.append(text, static_cast<std::size_t>(std::snprintf(text, sizeof text, "\\u%04x", point)));
}

}  // namespace

void append_json_string(std::string_view text, std::size_t limit, std::string& out) {
  out += '"';
  std::size_t taken = 0;
  while (!text.empty()) {
    std::size_t run = 0;
    while (run < text.size() && taken + run < limit && plain(static_cast<unsigned char>(text[run]))) ++run;
    out.append(text.substr(0, run));
    taken += run;
    text.remove_prefix(run);
    if (text.empty()) break;
    const Decoded next = decode(text);
    if (taken + next.bytes > limit) break;
    if (escaped(next.point)) {
      append_escaped(next.point, out);
    } else if (next.point == kInvalid && next.bytes == 1) {
      out += "\xef\xbf\xbd";
    } else {
      out.append(text.substr(0, next.bytes));
    }
    taken += next.bytes;
    text.remove_prefix(next.bytes);
  }
  out += '"';
}

}  // namespace kt::audit

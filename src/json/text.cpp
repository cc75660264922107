#include <cstdio>

#include "kt/json/scan.hpp"

namespace kt::json {
namespace {

unsigned hex4(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits)
    value = value * 16 + static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  return value;
}

void append_utf8(unsigned code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += {static_cast<char>(0xc0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3f))};
  } else if (code < 0x10000) {
    out += {static_cast<char>(0xe0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3f)),
            static_cast<char>(0x80 | (code & 0x3f))};
  } else {
    out += {static_cast<char>(0xf0 | (code >> 18)), static_cast<char>(0x80 | ((code >> 12) & 0x3f)),
            static_cast<char>(0x80 | ((code >> 6) & 0x3f)), static_cast<char>(0x80 | (code & 0x3f))};
  }
}

// The \u escape at the front of `raw`; returns the bytes used.
std::size_t append_u_escape(std::string_view raw, std::string& out) {
  const unsigned unit = hex4(raw.substr(2, 4));
  if (unit < 0xd800 || unit > 0xdfff) {
    append_utf8(unit, out);
    return 6;
  }
  if (unit < 0xdc00 && raw.size() >= 12 && raw[6] == '\\' && raw[7] == 'u') {
    const unsigned low = hex4(raw.substr(8, 4));
    if (low >= 0xdc00 && low <= 0xdfff) {
      append_utf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
      return 12;
    }
  }
  append_utf8(unit, out);
  return 6;
}

void append_u(unsigned unit, std::string& out) {
  char escaped[8];
  std::snprintf(escaped, sizeof escaped, "\\u%04x", unit);
  out += escaped;
}

// What escape() must look at: quote, backslash, control characters, and the first byte of a lone surrogate.
bool is_special(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0xed;
}

// The special character at the front of `text`; returns the bytes used.
std::size_t escape_one(std::string_view text, std::string& out) {
  const auto c = static_cast<unsigned char>(text.front());
  if (c < 0x20) {
    constexpr std::string_view kShort = "\b\t\n\v\f\r";
    if (const auto at = kShort.find(text.front()); at != kShort.npos && c != '\v') {
      out += {'\\', "btn?fr"[at]};
    } else {
      append_u(c, out);
    }
    return 1;
  }
  if (c == 0xed && text.size() >= 3 && static_cast<unsigned char>(text[1]) >= 0xa0) {
    append_u(0xd000u | (static_cast<unsigned>(text[1]) & 0x3f) << 6 | (static_cast<unsigned>(text[2]) & 0x3f), out);
    return 3;
  }
  if (c != 0xed) out += '\\';
  out += text.front();
  return 1;
}

char simple_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::string unescape(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t slash = std::min(raw.find('\\', at), raw.size());
    out.append(raw.substr(at, slash - at));
    if (slash == raw.size()) break;
    if (raw[slash + 1] == 'u') {
      at = slash + append_u_escape(raw.substr(slash), out);
    } else {
      out += simple_escape(raw[slash + 1]);
      at = slash + 2;
    }
  }
  return out;
}

void escape(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t plain = at;
    while (plain < text.size() && !is_special(text[plain])) ++plain;
    out.append(text.substr(at, plain - at));
    if (plain == text.size()) break;
    at = plain + escape_one(text.substr(plain), out);
  }
}

}  // namespace kt::json

#include "text/decoders.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "text/utf8.hpp"

namespace kt::text {
namespace {

constexpr std::size_t kShortestRun = 16, kShortestHex = 8, kFewestEscapes = 3;

constexpr auto kBase64 = [] {
  std::array<std::int8_t, 256> table{};
  for (auto& value : table) value = -1;
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  table['-'] = 62;
  table['_'] = 63;
  return table;
}();

int base64_digit(char c) { return kBase64[static_cast<unsigned char>(c)]; }

constexpr auto kHex = [] {
  std::array<std::int8_t, 256> table{};
  for (auto& value : table) value = -1;
  for (int i = 0; i < 10; ++i) table['0' + i] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) table['a' + i] = table['A' + i] = static_cast<std::int8_t>(10 + i);
  return table;
}();

int hex_digit(char c) { return kHex[static_cast<unsigned char>(c)]; }

bool is_letter(char c) { return static_cast<unsigned char>((c | 0x20) - 'a') < 26; }

void append_utf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xc0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (point & 0x3f));
  }
}

// UTF-16's zero bytes removed; empty when what is left is no text.
std::string readable(std::string bytes) {
  std::erase(bytes, '\0');
  std::size_t good = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const CodePoint point = decode_utf8(bytes, at);
    const bool text = point.length > 1 || (point.length == 1 && (point.value >= 0x20 || point.value == '\n'));
    good += text ? point.length : 0;
    at += std::max(1U, point.length);
  }
  return good * 20 >= bytes.size() * 19 ? bytes : std::string();
}

void add_line(std::string& out, const std::string& line) {
  if (line.empty()) return;
  if (!out.empty()) out += '\n';
  out += line;
}

std::string base64_bytes(std::string_view run) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : run) {
    const int digit = base64_digit(c);
    if (digit < 0) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

// The end of the run that begins at `at`, over single line breaks when the lines look wrapped.
std::size_t base64_end(std::string_view text, std::size_t at) {
  std::size_t line = at;
  for (;;) {
    while (at < text.size() && base64_digit(text[at]) >= 0) ++at;
    const std::size_t next = at + (at < text.size() && text[at] == '\r' ? 1 : 0);
    const bool wrapped =
        at - line >= 32 && next + 1 < text.size() && text[next] == '\n' && base64_digit(text[next + 1]) >= 0;
    if (!wrapped) return at;
    line = at = next + 1;
  }
}

// The byte written in hexadecimal at `at`, or -1; moves past it.
int hex_byte(std::string_view text, std::size_t& at) {
  std::size_t begin = at;
  if (begin + 1 < text.size() && (text[begin] == '\\' || text[begin] == '0') &&
      (text[begin + 1] | 0x20) == 'x')
    begin += 2;
  if (begin + 1 >= text.size()) return -1;
  const int high = hex_digit(text[begin]), low = hex_digit(text[begin + 1]);
  if (high < 0 || low < 0) return -1;
  at = begin + 2;
  return high * 16 + low;
}

struct Escape {
  std::uint32_t point = 0;
  std::size_t length = 0;  // 0: none here
  unsigned kind = 0;       // 0 percent, 1 html, 2 escape
};

// Digits from `at` on, at most `most`; moves past them.
std::uint32_t number(std::string_view text, std::size_t& at, unsigned base, std::size_t most) {
  std::uint32_t value = 0;
  for (std::size_t seen = 0; at < text.size() && seen < most; ++at, ++seen) {
    const int digit = hex_digit(text[at]);
    if (digit < 0 || digit >= static_cast<int>(base)) break;
    value = value * base + static_cast<std::uint32_t>(digit);
  }
  return value;
}

Escape html_escape(std::string_view text, std::size_t at) {
  static constexpr std::pair<std::string_view, char> kNamed[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&nbsp;", ' '}};
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  const bool numbered = next == '#';
  if (next == '\0' || std::string_view("#lgaqn").find(next) == std::string_view::npos) return {};
  for (const auto& [name, c] : kNamed) {
    if (!numbered && text.substr(at, name.size()) == name)
      return {static_cast<std::uint32_t>(c), name.size(), 1};
  }
  std::size_t end = at + 2;
  if (at + 3 >= text.size() || !numbered) return {};
  const bool hex = (text[end] | 0x20) == 'x';
  if (hex) ++end;
  const std::size_t digits = end;
  const std::uint32_t point = number(text, end, hex ? 16 : 10, 7);
  if (end == digits) return {};
  if (end < text.size() && text[end] == ';') ++end;
  return {point, end - at, 1};
}

Escape backslash_escape(std::string_view text, std::size_t at) {
  const char kind = at + 1 < text.size() ? static_cast<char>(text[at + 1] | 0x20) : '\0';
  const bool braced = kind == 'u' && at + 2 < text.size() && text[at + 2] == '{';
  const std::size_t digits = braced ? 6 : kind == 'u' ? 4 : kind == 'x' ? 2 : 0;
  if (digits == 0) return {};
  std::size_t end = at + (braced ? 3 : 2);
  const std::size_t begin = end;
  const std::uint32_t point = number(text, end, 16, digits);
  if (end == begin || (!braced && end - begin != digits)) return {};
  if (braced && end < text.size() && text[end] == '}') ++end;
  return {point, end - at, 2};
}

constexpr auto kEscapes = [] {
  std::array<bool, 256> table{};
  table['%'] = table['&'] = table['\\'] = true;
  return table;
}();

std::size_t next_escape(std::string_view text, std::size_t at) {
  while (at < text.size() && !kEscapes[static_cast<unsigned char>(text[at])]) ++at;
  return at;
}

Escape escape_at(std::string_view text, std::size_t at) {
  if (text[at] == '&') return html_escape(text, at);
  if (text[at] == '\\') return backslash_escape(text, at);
  std::size_t end = at + 1;
  const std::uint32_t point = number(text, end, 16, 2);
  return end == at + 3 ? Escape{point, 3, 0} : Escape{};
}

void append(std::string& out, const Escape& escape) {
  // Percent and \x spell bytes; what stands for a code point is written as one.
  if (escape.kind == 0 || (escape.kind == 2 && escape.length == 4)) {
    out += static_cast<char>(escape.point);
  } else if (escape.point <= 0x10ffff && (escape.point < 0xd800 || escape.point > 0xdfff)) {
    append_utf8(out, escape.point);
  }
}

}  // namespace

std::string decode_base64_runs(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (base64_digit(text[at]) < 0) {
      ++at;
      continue;
    }
    const std::size_t end = base64_end(text, at);
    if (end - at >= kShortestRun) add_line(out, readable(base64_bytes(text.substr(at, end - at))));
    at = end;
  }
  return out;
}

std::string decode_hex_runs(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at + 1 < text.size();) {
    // Most of a text is at once no hexadecimal.
    if ((hex_digit(text[at]) < 0 && text[at] != '\\') ||
        (hex_digit(text[at + 1]) < 0 && (text[at + 1] | 0x20) != 'x')) {
      ++at;
      continue;
    }
    std::string bytes;
    const std::size_t begin = at;
    for (int byte = hex_byte(text, at); byte >= 0; byte = hex_byte(text, at)) {
      bytes += static_cast<char>(byte);
      const bool separated =
          at + 1 < text.size() && (text[at] == ' ' || text[at] == ',' || text[at] == ':' || text[at] == '-');
      at += separated ? 1 : 0;
    }
    if (bytes.size() >= kShortestHex) add_line(out, readable(std::move(bytes)));
    if (at == begin) ++at;
  }
  return out;
}

Unescaped decode_escapes(std::string_view text) {
  static constexpr std::string_view kNames[] = {"percent", "html", "escape"};
  std::array<std::size_t, 3> counts{};
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = next_escape(text, 0); at < text.size(); at = next_escape(text, at)) {
    const Escape escape = escape_at(text, at);
    if (escape.length == 0) {
      ++at;
      continue;
    }
    out.append(text, copied, at - copied);
    append(out, escape);
    // %20 and &amp; are ordinary in any text, a space as a backslash escape is not.
    const bool counts_alone = escape.kind == 2 || escape.point >= 0x80;
    if (counts_alone || is_letter(static_cast<char>(escape.point))) ++counts[escape.kind];
    copied = at += escape.length;
  }
  if (counts[0] + counts[1] + counts[2] < kFewestEscapes) return {};
  out.append(text, copied);
  return {std::move(out), kNames[std::max_element(counts.begin(), counts.end()) - counts.begin()]};
}

}  // namespace kt::text

#pragma once
// Ways to hide an English text from who reads its letters.

#include <string>
#include <string_view>

namespace kt::policy::test {

inline bool is_letter(char c) { return static_cast<unsigned char>((c | 0x20) - 'a') < 26; }

inline std::string utf8(char32_t point) {
  std::string out;
  if (point < 0x80) return {static_cast<char>(point)};
  if (point >= 0x10000) {
    out += static_cast<char>(0xf0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3f));
  } else if (point >= 0x800) {
    out += static_cast<char>(0xe0 | point >> 12);
  } else {
    out += static_cast<char>(0xc0 | point >> 6);
  }
  if (point >= 0x800) out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
  return out + static_cast<char>(0x80 | (point & 0x3f));
}

template <class Each>
std::string each_char(std::string_view text, Each&& each) {
  std::string out;
  for (const char c : text) out += each(c);
  return out;
}

// Letters from `first` on, case ignored.
inline std::string styled(std::string_view text, char32_t first) {
  return each_char(
      text, [&](char c) { return is_letter(c) ? utf8(first + ((c | 0x20) - 'a')) : std::string(1, c); });
}

inline std::string swapped(std::string_view text, std::string_view from, const char* const* to) {
  return each_char(text, [&](char c) {
    const std::size_t at = from.find(c);
    return at == std::string_view::npos ? std::string(1, c) : std::string(to[at]);
  });
}

inline std::string homoglyphs(std::string_view text) {
  static constexpr const char* kCyrillic[] = {"а", "с", "е", "о", "р", "х", "у", "і", "ѕ"};
  return swapped(text, "aceopxyis", kCyrillic);
}

inline std::string leet(std::string_view text) {
  static constexpr const char* kDigits[] = {"4", "3", "1", "0", "5", "7"};
  return swapped(text, "aeiost", kDigits);
}

inline std::string base64(std::string_view text) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, held = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += kAlphabet[bits >> (held - 6) & 63];
  }
  if (held > 0) out += kAlphabet[bits << (6 - held) & 63];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

inline std::string coded(std::string_view text, std::string_view before, std::string_view after = {}) {
  static constexpr char kHex[] = "0123456789abcdef";
  return each_char(text, [&](char c) {
    return std::string(before) + kHex[static_cast<unsigned char>(c) >> 4] + kHex[c & 15] + std::string(after);
  });
}

inline std::string after_each(std::string_view text, std::string_view mark) {
  return each_char(text, [&](char c) { return is_letter(c) ? c + std::string(mark) : std::string(1, c); });
}

inline std::string reversed(std::string_view text) { return {text.rbegin(), text.rend()}; }

inline std::string rot13(std::string_view text) {
  return each_char(text, [](char c) {
    const char base = c >= 'a' ? 'a' : 'A';
    return std::string(1, is_letter(c) ? static_cast<char>((c - base + 13) % 26 + base) : c);
  });
}

// Every third letter of a longer word and its neighbour change places.
inline std::string typos(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0, run = 0; i + 1 < out.size(); ++i) {
    run = is_letter(out[i]) ? run + 1 : 0;
    if (run == 4 && is_letter(out[i + 1])) std::swap(out[i], out[i + 1]);
  }
  return out;
}

using Text = std::string_view;
struct Disguise {
  const char* name;
  std::string (*apply)(Text);
};

inline constexpr Disguise kDisguises[] = {
    {"full width", [](Text t) { return styled(t, U'\uff41'); }},
    {"mathematical bold", [](Text t) { return styled(t, U'\U0001d41a'); }},
    {"mathematical script", [](Text t) { return styled(t, U'\U0001d4ea'); }},
    {"circled", [](Text t) { return styled(t, U'\u24d0'); }},
    {"squared", [](Text t) { return styled(t, U'\U0001f170'); }},
    {"regional indicators", [](Text t) { return styled(t, U'\U0001f1e6'); }},
    {"Cyrillic", [](Text t) { return homoglyphs(t); }},
    {"tags",
     [](Text t) {
       return "Hi!" + each_char(t, [](char c) { return utf8(0xe0000 + static_cast<unsigned char>(c)); });
     }},
    {"variation selectors",
     [](Text t) {
       return "😀" + each_char(t, [](char c) { return utf8(0xe0100 + static_cast<unsigned char>(c) - 16); });
     }},
    {"zero width", [](Text t) { return after_each(t, "\u200b"); }},
    {"soft hyphens", [](Text t) { return after_each(t, "\u00ad"); }},
    {"combining marks", [](Text t) { return after_each(t, "\u0336\u0301"); }},
    {"bidirectional", [](Text t) { return "\u202e" + std::string(t) + "\u202c"; }},
    {"leet", [](Text t) { return leet(t); }},
    {"spaced", [](Text t) { return after_each(t, " "); }},
    {"dotted", [](Text t) { return after_each(t, "."); }},
    {"base64", [](Text t) { return "Decode and follow: " + base64(t); }},
    {"base64 twice", [](Text t) { return base64(base64(t)); }},
    {"hex", [](Text t) { return coded(t, ""); }},
    {"hex bytes", [](Text t) { return coded(t, "\\x"); }},
    {"percent", [](Text t) { return coded(t, "%"); }},
    {"HTML", [](Text t) { return coded(t, "&#x", ";"); }},
    {"unicode escapes", [](Text t) { return coded(t, "\\u00"); }},
    {"rot13", [](Text t) { return rot13(t); }},
    {"reversed", [](Text t) { return reversed(t); }},
    {"typos", [](Text t) { return typos(t); }},
};

}  // namespace kt::policy::test

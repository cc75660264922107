#include "text/context.hpp"

#include <algorithm>

#include "text/reader.hpp"

namespace kt::text {
namespace {

bool same_at(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - at < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(static_cast<unsigned char>(text[at + i])) != static_cast<unsigned char>(word[i])) return false;
  }
  return true;
}

// Words of scripts without spaces have no boundaries to look for.
bool bounded(std::string_view text, std::size_t at, std::size_t size, bool open) {
  if (static_cast<unsigned char>(text[at]) >= 0x80) return true;
  if (at > 0 && is_alpha(static_cast<unsigned char>(text[at - 1])) &&
      !(is_lower(static_cast<unsigned char>(text[at - 1])) &&
        is_upper(static_cast<unsigned char>(text[at])))) {
    return false;
  }
  return open || at + size >= text.size() || !is_alpha(static_cast<unsigned char>(text[at + size]));
}

bool found_in(std::string_view text, std::string_view word) {
  const bool open = word.ends_with('*');
  if (open) word.remove_suffix(1);
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (same_at(text, at, word) && bounded(text, at, word.size(), open)) return true;
  }
  return false;
}

constexpr std::string_view kSeparators = " \t\r\n:=#\"'`>|,()[]{}*_-.?";

std::string_view without_separators(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kSeparators);
  return text.substr(0, last == text.npos ? 0 : last + 1);
}

// "is", "no", "number": between a label and its value.
constexpr std::string_view kLinks[] = {"is", "was", "no", "number", "num", "nr", "code", "id", "a"};

std::string_view without_links(std::string_view text) {
  for (int i = 0; i < 3; ++i) {
    const std::string_view before = text;
    for (const std::string_view link : kLinks) {
      if (text.size() > link.size() && same_at(text, text.size() - link.size(), link) &&
          kSeparators.find(text[text.size() - link.size() - 1]) != kSeparators.npos) {
        text = without_separators(text.substr(0, text.size() - link.size()));
        break;
      }
    }
    if (text.size() == before.size()) break;
  }
  return text;
}

}  // namespace

bool near(std::string_view before, std::size_t reach, std::initializer_list<std::string_view> words) {
  if (before.size() > reach) before = before.substr(before.size() - reach);
  for (const std::string_view word : words) {
    if (found_in(before, word)) return true;
  }
  return false;
}

bool near(std::string_view before, std::size_t reach, std::string_view words) {
  for (std::size_t begin = 0; begin <= words.size();) {
    const std::size_t end = std::min(words.find('|', begin), words.size());
    if (near(before, reach, {words.substr(begin, end - begin)})) return true;
    begin = end + 1;
  }
  return false;
}

bool labelled(std::string_view before, std::initializer_list<std::string_view> words) {
  if (before.size() > 64) before = before.substr(before.size() - 64);
  const std::string_view full = without_separators(before), core = without_links(full);
  for (const std::string_view word : words) {
    for (const std::string_view text : {full, core}) {
      if (text.size() < word.size()) continue;
      const std::size_t at = text.size() - word.size();
      if (same_at(text, at, word) && bounded(text, at, word.size(), false)) return true;
    }
  }
  return false;
}

std::string_view label_of(std::string_view before) {
  if (before.size() > 64) before = before.substr(before.size() - 64);
  constexpr std::string_view kBetween = " \t\"'`:=>,";
  std::size_t end = before.size();
  bool separated = false, comma = false, quoted = false;
  while (end > 0 && kBetween.find(before[end - 1]) != kBetween.npos) {
    separated |= std::string_view(":=>").find(before[end - 1]) != std::string_view::npos;
    comma |= before[end - 1] == ',';
    quoted |= before[end - 1] == '"' || before[end - 1] == '\'';
    --end;
  }
  if (!separated && !(comma && quoted)) {
    const std::string_view words = before.substr(0, end);
    if (!words.ends_with(" is") && !words.ends_with(" was")) return {};
    end = words.rfind(' ');
  }
  return before.substr(0, end);
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (same_at(text, at, word)) return true;
  }
  return false;
}

}  // namespace kt::text

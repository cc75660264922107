#include "tokens/split.hpp"

#include <algorithm>

namespace kt::tokens {
namespace {

bool is_letter(Class kind) { return kind == Class::upper || kind == Class::lower || kind == Class::letter; }
bool is_space(Class kind) { return kind == Class::space || kind == Class::line_end; }

// What may stand before a word: anything but a line end, a letter or a digit.
bool leads_word(Class kind) { return kind == Class::other || kind == Class::mark || kind == Class::space; }

Class kind_at(std::string_view text, std::size_t at) {
  return at < text.size() ? point_at(text.substr(at)).kind : Class::line_end;
}

// End of the run of points of which `belongs` says yes, from `at`.
template <class Belongs>
std::size_t run(std::string_view text, std::size_t at, Belongs belongs) {
  while (at < text.size()) {
    const Point point = point_at(text.substr(at));
    if (!belongs(point.kind)) break;
    at += point.bytes;
  }
  return at;
}

// Length of 's 'd 'm 't 'll 've 're in any case at the front, or 0.
std::size_t contraction(std::string_view text) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const auto lower = [&](std::size_t at) {
    return at < text.size() ? static_cast<char>(text[at] | 0x20) : '\0';
  };
  const char a = lower(1), b = lower(2);
  if (a == 's' || a == 'd' || a == 'm' || a == 't') return 2;
  const bool two = (a == 'l' && b == 'l') || (a == 'v' && b == 'e') || (a == 'r' && b == 'e');
  return two ? 3 : 0;
}

// [upper letter mark]* [lower letter mark]+ from `at`, else [upper letter mark]+ [lower letter mark]*; `at`
// when there is neither. The first star takes back as little as it must: to just behind its last point that
// is no capital.
std::size_t cased_word(std::string_view text, std::size_t at) {
  std::size_t end = at, behind_caseless = at;
  while (end < text.size()) {
    const Point point = point_at(text.substr(end));
    const bool caseless = point.kind == Class::letter || point.kind == Class::mark;
    if (!caseless && point.kind != Class::upper) break;
    end += point.bytes;
    if (caseless) behind_caseless = end;
  }
  if (kind_at(text, end) == Class::lower && end < text.size()) {
    return run(text, end, [](Class kind) {
      return kind == Class::lower || kind == Class::letter || kind == Class::mark;
    });
  }
  return behind_caseless > at ? behind_caseless : end;
}

std::size_t o200k_word(std::string_view text, const Point& first) {
  if (leads_word(first.kind)) {
    const std::size_t end = cased_word(text, first.bytes);
    if (end > first.bytes) return end + contraction(text.substr(end));
  }
  const std::size_t end = cased_word(text, 0);
  return end > 0 ? end + contraction(text.substr(end)) : 0;
}

std::size_t cl100k_word(std::string_view text, const Point& first) {
  if (const std::size_t end = contraction(text)) return end;
  const std::size_t begin = leads_word(first.kind) ? first.bytes : 0;
  const std::size_t end = run(text, begin, is_letter);
  return end > begin ? end : 0;
}

std::size_t number(std::string_view text) {
  int left = 3;
  return run(text, 0, [&](Class kind) { return kind == Class::number && left-- > 0; });
}

// An optional blank, punctuation, then line ends (and slashes); 0 when there is no punctuation.
std::size_t punctuation(std::string_view text, bool slashes) {
  const std::size_t begin = text[0] == ' ' ? 1 : 0;
  std::size_t end = run(text, begin, [](Class kind) { return kind == Class::other || kind == Class::mark; });
  if (end == begin) return 0;
  while (end < text.size() && (text[end] == '\r' || text[end] == '\n' || (slashes && text[end] == '/')))
    ++end;
  return end;
}

// Up to the last line end; else all but the last blank, which belongs to what follows.
std::size_t white_space(std::string_view text, bool whole_tail) {
  std::size_t end = 0, last = 0, behind_line = 0;
  while (end < text.size()) {
    const Point point = point_at(text.substr(end));
    if (!is_space(point.kind)) break;
    last = end;
    end += point.bytes;
    if (point.kind == Class::line_end) behind_line = end;
  }
  if (end == text.size() && (whole_tail || behind_line == 0)) return end;
  if (behind_line > 0) return behind_line;
  return last > 0 ? last : end;
}

}  // namespace

std::size_t o200k_piece(std::string_view text) {
  const Point first = point_at(text);
  if (const std::size_t end = o200k_word(text, first)) return end;
  if (const std::size_t end = number(text)) return end;
  if (const std::size_t end = punctuation(text, true)) return end;
  return std::max<std::size_t>(first.bytes, white_space(text, false));
}

std::size_t cl100k_piece(std::string_view text) {
  const Point first = point_at(text);
  if (const std::size_t end = cl100k_word(text, first)) return end;
  if (const std::size_t end = number(text)) return end;
  if (const std::size_t end = punctuation(text, false)) return end;
  return std::max<std::size_t>(first.bytes, white_space(text, true));
}

}  // namespace kt::tokens

// Keys and tokens that tell by a prefix whose they are (key_formats.cpp).
#include <algorithm>

#include "text/entropy.hpp"
#include "text/key_formats.hpp"
#include "text/memo.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

bool in_set(KeySet set, int c) {
  using Set = KeySet;
  switch (set) {
    case Set::alnum:
      return is_alnum(c);
    case Set::word:
      return is_alnum(c) || c == '_' || c == '-';
    case Set::hex:
      return is_hex(c);
    case Set::upper:
      return is_upper(c) || is_digit(c);
    case Set::dotted:
      return is_alnum(c) || c == '_' || c == '-' || c == '.';
    case Set::base64:
      return is_alnum(c) || c == '_' || c == '-' || c == '+' || c == '/' || c == '=';
  }
  return false;
}

// Whether the body begins at i; sets its end.
bool body(Reader& reader, std::size_t i, const KeyFormat& format, std::size_t& end) {
  RunMemo& memo = reader.memo->key[static_cast<std::size_t>(format.set)];
  end = run_end(reader, memo, i, format.most, [&](int c) { return in_set(format.set, c); });
  std::size_t trimmed = end;
  while (trimmed > i && (reader.text[trimmed - 1] == '.' || reader.text[trimmed - 1] == '-')) --trimmed;
  if (trimmed - i < format.least || end - i > format.most) return false;
  const int behind = reader.at(end);
  if (behind == '#' || behind == '*') return false;  // the rest is masked
  end = trimmed;
  if (word_at(reader, end)) return false;
  const std::string_view token = reader.text.substr(i, end - i);
  if (token.empty()) return true;
  if (placeholder(token)) return false;
  const bool digit = std::any_of(token.begin(), token.end(), is_digit);
  return entropy(token) >= (digit ? 2.7 : format.set == KeySet::upper ? 3.0 : 4.0);
}

}  // namespace

Hit find_key_format(Reader& reader, std::size_t at) {
  for (const KeyFormat* format : key_formats(reader.at(at))) {
    if (!literal(reader, at, format->prefix)) {
      if (reader.starved) return {};
      continue;
    }
    std::size_t end = 0;
    if (body(reader, at + format->prefix.size(), *format, end)) return {end, Entity::api_key};
    if (reader.starved) return {};
  }
  return find_key_shape(reader, at);
}

}  // namespace kt::text

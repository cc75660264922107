#include "kt/json/scan.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "kt/json/scan_inline.hpp"

namespace kt::json {
namespace {

constexpr std::size_t kSmallObject = 16;
constexpr std::size_t kNone = std::string_view::npos;

// Length of the valid UTF-8 sequence at the front (RFC 3629), or 0.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!tail(1) || !tail(2) || (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f))
      return 0;
    return 3;
  }
  if (first < 0xf0 || first > 0xf4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  return (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f) ? 0 : 4;
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = text.size() * 0x9e3779b97f4a7c15;
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    hash = (hash ^ word) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
    text.remove_prefix(8);
  }
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  hash = (hash ^ word) * 0xff51afd7ed558ccd;
  return hash ^ (hash >> 29);
}

}  // namespace

std::size_t invalid_utf8(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return kNone;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = sequence(text.substr(at, 4));
    if (length == 0) return at;
    at += length;
  }
  return kNone;
}

detail::Names& detail::Names::of_thread() {
  thread_local Names names;
  return names;
}

void detail::Names::clear() {
  names_.clear();
  starts_.clear();
}

bool detail::Names::same(std::string_view text, const Name& a, const Name& b) {
  if (a.hash != b.hash) return false;
  if (!a.escaped && !b.escaped) return a.span.of(text) == b.span.of(text);
  return unescape(a.span.of(text)) == unescape(b.span.of(text));
}

std::size_t detail::Names::add(std::string_view text, Span span, bool escaped) {
  const Name name{escaped ? hash_of(unescape(span.of(text))) : hash_of(span.of(text)), span, escaped};
  const std::size_t start = starts_.back();
  if (names_.size() - start < kSmallObject) {
    for (std::size_t i = start; i < names_.size(); ++i) {
      if (same(text, names_[i], name)) return span.begin;
    }
  }
  names_.push_back(name);
  return kNone;
}

std::size_t detail::Names::close(std::string_view text) {
  const std::size_t start = starts_.back();
  starts_.pop_back();
  std::size_t duplicate = kNone;
  if (names_.size() - start > kSmallObject) {
    const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(start);
    std::sort(begin, names_.end(), [](const Name& a, const Name& b) {
      return a.hash < b.hash || (a.hash == b.hash && a.span.begin < b.span.begin);
    });
    for (std::size_t i = start + 1; i < names_.size(); ++i) {
      if (same(text, names_[i - 1], names_[i])) duplicate = std::min(duplicate, names_[i].span.begin);
    }
  }
  names_.resize(start);
  return duplicate;
}

Fault scan(std::string_view text, Handler& handler, const Limits& limits) {
  return scan_with(text, handler, limits);
}

Fault check(std::string_view text, const Limits& limits) {
  Handler nothing;
  return scan_with(text, nothing, limits);
}

}  // namespace kt::json

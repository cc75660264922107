#include "http/fields.hpp"

#include <algorithm>

#include "http/chars.hpp"

namespace kt::http {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// One field line that starts at `at`; `end` becomes the start of the next line.
Scan scan_field(std::string_view bytes, std::size_t at, Field& field) {
  const std::size_t begin = at;
  while (at < bytes.size() && chars::is(bytes[at], chars::kToken)) ++at;
  if (at == bytes.size()) return incomplete();
  if (bytes[at] != ':' || at == begin) {
    if (at == begin && (bytes[at] == ' ' || bytes[at] == '\t'))
      return reject("a folded or indented header line");
    return reject("a byte that is not allowed in a header name");
  }
  field.name = bytes.substr(begin, at - begin);
  const std::size_t value = ++at;
  while (at < bytes.size() && chars::is(bytes[at], chars::kValue)) ++at;
  if (at == bytes.size()) return incomplete();
  if (bytes[at] != '\r')
    return reject(bytes[at] == '\n' ? "a bare LF in a header line" : "a control byte in a header value");
  field.value = trim(bytes.substr(value, at - value));
  if (at + 1 == bytes.size()) return incomplete();
  if (bytes[at + 1] != '\n') return reject("a bare CR in a header line");
  return {HeadState::complete, at + 2};
}

}  // namespace

const Field* Fields::find(std::string_view lower_name) const {
  for (const Field& field : *this) {
    if (chars::iequals(field.name, lower_name)) return &field;
  }
  return nullptr;
}

Scan scan_fields(std::string_view bytes, std::size_t begin, Fields& fields) {
  fields.count = 0;
  for (std::size_t at = begin;;) {
    if (at == bytes.size()) return incomplete();
    if (bytes[at] == '\r') {
      if (at + 1 == bytes.size()) return incomplete();
      if (bytes[at + 1] != '\n') return reject("a bare CR in the head");
      return {HeadState::complete, at + 2};
    }
    if (bytes[at] == '\n') return reject("a bare LF in the head");
    if (fields.count == kMaxFields) return reject("too many header lines", 431);
    const Scan line = scan_field(bytes, at, fields.items[fields.count]);
    if (line.state != HeadState::complete) return line;
    ++fields.count;
    at = line.end;
  }
}

bool parse_length(std::string_view text, std::uint64_t& value) {
  if (text.empty() || text.size() > 19) return false;
  value = 0;
  for (const char c : text) {
    if (!chars::is(c, chars::kDigit)) return false;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value <= 0x7fffffffffffffff;
}

bool list_has(std::string_view list, std::string_view lower_token) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (chars::iequals(trim(list.substr(0, comma)), lower_token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace kt::http

#include "audit/line.hpp"

#include <charconv>

namespace kt::audit {
namespace {

// Takes `text` off the front.
bool eat(std::string_view& from, std::string_view text) {
  if (!from.starts_with(text)) return false;
  from.remove_prefix(text.size());
  return true;
}

bool eat_number(std::string_view& from, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), out);
  const auto digits = static_cast<std::size_t>(end - from.data());
  if (error != std::errc() || (digits > 1 && from[0] == '0')) return false;
  from.remove_prefix(digits);
  return true;
}

bool eat_string(std::string_view& from, std::string_view& out) {
  const std::size_t end = from.find('"');
  if (end == from.npos) return false;
  out = from.substr(0, end);
  from.remove_prefix(end + 1);
  return true;
}

// Takes `,"name":"<digits hex>"` off the end.
bool eat_hex_tail(std::string_view& from, std::string_view name, std::size_t digits, std::string_view& out) {
  const std::size_t total = name.size() + 5 + digits + 1;
  if (from.size() < total || from.back() != '"') return false;
  const std::string_view tail = from.substr(from.size() - total);
  if (!tail.starts_with(",\"") || tail.substr(2, name.size()) != name ||
      tail.substr(2 + name.size(), 3) != "\":\"")
    return false;
  out = tail.substr(name.size() + 5, digits);
  if (out.find_first_not_of("0123456789abcdef") != out.npos) return false;
  from.remove_suffix(total);
  return true;
}

}  // namespace

const char* parse_line(std::string_view line, LineView& out) {
  out = {};
  std::string_view left = line, ignored;
  if (!eat(left, "{\"v\":1,\"seq\":") || !eat_number(left, out.seq)) return "not a line of this format";
  if (!eat(left, ",\"id\":\"evt_") || !eat_string(left, ignored)) return "no id";
  if (!eat(left, ",\"event_type\":\"") || !eat_string(left, out.event_type)) return "no event_type";
  if (!eat(left, ",\"timestamp\":\"") || !eat_string(left, out.timestamp)) return "no timestamp";
  if (!left.ends_with('}')) return "no closing brace";
  left.remove_suffix(1);
  const char* const begin = line.data();
  if (eat_hex_tail(left, "mac", 64, out.mac)) {
    out.maced_part = {begin, static_cast<std::size_t>(left.data() + left.size() - begin)};
    if (eat_hex_tail(left, "sig", 128, out.sig))
      out.signed_part = {begin, static_cast<std::size_t>(left.data() + left.size() - begin)};
    if (!eat_hex_tail(left, "prev", 64, out.prev)) return "no prev";
    out.sealed = true;
  }
  out.rest = left;
  return nullptr;
}

std::string_view own_field(std::string_view rest, std::string_view name) {
  const std::string mark = ",\"" + std::string(name) + "\":";
  const std::size_t at = rest.find(mark);
  if (at == rest.npos) return {};
  std::string_view value = rest.substr(at + mark.size());
  if (value.starts_with('"')) return value.substr(1, value.find('"', 1) - 1);
  return value.substr(0, value.find_first_of(",}"));
}

std::optional<std::uint64_t> own_number(std::string_view rest, std::string_view name) {
  std::string_view value = own_field(rest, name);
  std::uint64_t number = 0;
  if (value.empty() || !eat_number(value, number) || !value.empty()) return std::nullopt;
  return number;
}

std::string_view request_id_of(const LineView& line) {
  std::string_view rest = line.rest, id;
  if (!eat(rest, ",\"request_id\":\"") || !eat_string(rest, id)) return {};
  return id;
}

}  // namespace kt::audit

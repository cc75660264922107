// Network addresses: IPv4 and IPv6 (RFC 4291 forms), MAC (IEEE 802).
#include "text/check_digits.hpp"
#include "text/context.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

const Words kVersions("version*|release|build|v |v.|section|chapter");
const Words kHosts("ip|ipv6|address|host|server|loopback|ping*");

struct Quad {
  std::size_t end = 0;  // 0: none
  int parts[4] = {};
};

Quad quad_at(Reader& reader, std::size_t i) {
  Quad out;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && reader.at(i++) != '.') return out;
    std::size_t size = 0;
    int value = 0;
    while (size < 4 && is_digit(reader.at(i))) {
      value = value * 10 + (reader.at(i++) - '0');
      ++size;
    }
    if (size == 0 || size == 4 || value > 255) return out;
    out.parts[part] = value;
  }
  out.end = i;
  return out;
}

// Addresses that belong to nobody: unspecified, loopback, network masks.
bool nobody(const Quad& quad) {
  return quad.parts[0] == 0 || (quad.parts[0] == 127 && quad.parts[1] == 0 && quad.parts[2] == 0) ||
         (quad.parts[0] == 255 && quad.parts[1] == 255);
}

bool edge(Reader& reader, std::size_t end) {
  if (word_at(reader, end)) return false;
  return reader.at(end) != '.' || !is_alnum(reader.at(end + 1));
}

}  // namespace

Hit find_ipv4(Reader& reader, std::size_t at) {
  if (!is_digit(reader.at(at))) return {};
  if (at > 0 && (reader.text[at - 1] == '.' || reader.text[at - 1] == '-') && at > 1 &&
      is_alnum(reader.text[at - 2]))
    return {};
  const Quad quad = quad_at(reader, at);
  if (quad.end == 0 || !edge(reader, quad.end) || nobody(quad)) return {};
  if (reader.at(quad.end) == '-' && is_alnum(reader.at(quad.end + 1))) return {};
  const bool version = near(reader, at, 12, kVersions);
  return version ? Hit{} : Hit{quad.end, Entity::ip_address};
}

Hit find_ipv6(Reader& reader, std::size_t at) {
  if (at > 0 && (reader.text[at - 1] == ':' || reader.text[at - 1] == '.')) return {};
  std::size_t i = at, end = 0;
  int groups = 0;
  bool gap = false, digit = false;
  if (reader.at(i) == ':') {
    if (word_before(reader.text, at) || reader.at(i + 1) != ':') return {};
    gap = true;
    end = i += 2;
  }
  while (groups < 8) {
    std::size_t size = 0;
    bool hex = false;
    while (size < 5 && is_hex(reader.at(i + size))) hex |= is_digit(reader.at(i + size++));
    if (size == 0) break;
    if (size > 4) return {};
    digit |= hex;
    if (reader.at(i + size) == '.' && (gap || groups == 6) && groups <= 6) {
      const Quad quad = quad_at(reader, i);
      if (quad.end != 0) {
        end = quad.end;
        groups += 2;
        break;
      }
    }
    end = i += size;
    ++groups;
    if (reader.at(i) != ':') break;
    if (reader.at(i + 1) == ':') {
      if (gap) return {};
      gap = true;
      end = i += 2;
    } else {
      if (!is_hex(reader.at(i + 1))) break;
      ++i;
    }
  }
  if (groups == 0 || (gap ? groups > 7 : groups != 8) || reader.at(end) == ':' || word_at(reader, end))
    return {};
  const bool said = near(reader, at, 32, kHosts);
  const bool bracketed = at > 0 && reader.text[at - 1] == '[';  // a slice in code: a[::1]
  const bool loopback = groups == 1 && end == at + 3 && reader.at(at + 2) == '1';
  if (!said && (!digit || (groups < 2 && (bracketed || !loopback)))) return {};
  if (reader.at(end) == '.' && is_digit(reader.at(end + 1))) return {};
  return {end, Entity::ip_address};
}

Hit find_mac(Reader& reader, std::size_t at) {
  if (at > 0 && (reader.text[at - 1] == ':' || reader.text[at - 1] == '-')) return {};
  std::size_t unit = 0;
  while (unit < 5 && is_hex(reader.at(at + unit))) ++unit;
  const int separator = reader.at(at + unit);
  if (!((unit == 2 && (separator == ':' || separator == '-')) || (unit == 4 && separator == '.'))) return {};
  std::size_t i = at;
  bool varied = false;
  for (std::size_t done = 0; done < 12; done += unit) {
    if (done > 0 && reader.at(i++) != separator) return {};
    for (std::size_t k = 0; k < unit; ++k, ++i) {
      if (!is_hex(reader.at(i))) return {};
      varied |= reader.at(i) != reader.at(at);
    }
  }
  if (!varied || word_at(reader, i) || (reader.at(i) == separator && is_hex(reader.at(i + 1)))) return {};
  return {i, Entity::mac_address};
}

}  // namespace kt::text

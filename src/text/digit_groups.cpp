#include "text/digit_groups.hpp"

#include <utility>

#include "text/memo.hpp"

namespace kt::text {
namespace {

// The length of one separator at i: space, point, hyphen, slash, a no-break space or hyphen. 0: none.
std::size_t separator_at(Reader& reader, std::size_t i) {
  const int c = reader.at(i);
  if (c < 0x80) return c == ' ' || c == '.' || c == '-' || c == '/' ? 1 : 0;
  if (c == 0xc2) return reader.at(i + 1) == 0xa0 ? 2 : 0;
  if (c != 0xe2 || reader.at(i + 1) != 0x80) return 0;
  const int third = reader.at(i + 2);
  return third == 0x91 || third == 0x93 || third == 0xaf ? 3 : 0;
}

// Where the next group begins, or 0.
std::size_t next_group(Reader& reader, std::size_t i, bool brackets) {
  if (brackets && reader.at(i) == ')') ++i;
  std::size_t taken = 0;
  for (; taken < (brackets ? 3u : 1u); ++taken) {
    const std::size_t size = separator_at(reader, i);
    if (size == 0) break;
    i += size;
    if (is_digit(reader.at(i))) return i;
  }
  if (brackets && reader.at(i) == '(') ++i;
  return is_digit(reader.at(i)) ? i : 0;
}

constexpr unsigned kMostDigits = 20;

DigitGroups read(Reader& reader, std::size_t at, unsigned most, bool brackets) {
  DigitGroups out;
  unsigned total = 0, singles = 0;
  while (out.count < out.groups.size()) {
    const unsigned before = total;
    while (is_digit(reader.at(at)) && total < most) out.digits[total++] = static_cast<char>(reader.at(at++));
    if (total == before) break;
    out.overlong = is_digit(reader.at(at));
    DigitGroups::Group& group = out.groups[out.count++];
    group = {static_cast<std::uint8_t>(total - before), static_cast<std::uint8_t>(total), 0, at};
    singles = group.size == 1 ? singles + 1 : 0;
    if (total == most || out.overlong || singles == 3) break;
    const std::size_t next = next_group(reader, at, brackets);
    if (next == 0) break;
    group.separator = reader.text[at];
    at = next;
  }
  return out;
}

bool one_of(std::string_view few, char c) {
  for (const char each : few) {
    if (each == c) return true;
  }
  return false;
}

// The groups up to one that `separators` do not part, or to `most` digits.
DigitGroups cut(const DigitGroups& in, unsigned most, std::string_view separators) {
  DigitGroups out;
  out.digits = in.digits;
  while (out.count < in.count) {
    DigitGroups::Group& group = out.groups[out.count] = in.groups[out.count];
    ++out.count;
    if (group.total > most) {
      const unsigned over = group.total - most;
      group = {static_cast<std::uint8_t>(group.size - over), static_cast<std::uint8_t>(most), 0,
               group.end - over};
      out.overlong = true;
      return out;
    }
    const bool foreign = static_cast<unsigned char>(group.separator) >= 0x80;
    if (group.total == most || (!foreign && !one_of(separators, group.separator))) {
      out.overlong = out.count == in.count && in.overlong;
      group.separator = 0;
      return out;
    }
  }
  out.overlong = in.overlong;
  return out;
}

}  // namespace

DigitGroups read_groups(Reader& reader, std::size_t at, unsigned least, unsigned most,
                        std::string_view separators) {
  GroupsMemo& memo = reader.memo->groups;
  if (memo.at != at) {
    const bool before = std::exchange(reader.starved, false);
    memo.groups = read(reader, at, kMostDigits, false);
    memo.at = at;
    memo.starved = reader.starved;
    reader.starved = before;
  }
  reader.starved |= memo.starved;
  DigitGroups out;
  if (memo.groups.total() < least) return out;
  out = cut(memo.groups, most, separators);
  if (out.total() < least) out.count = 0;
  return out;
}

DigitGroups read_bracketed_groups(Reader& reader, std::size_t at, unsigned most) {
  return read(reader, at, most, true);
}

bool number_goes_on(Reader& reader, std::size_t end) {
  if (word_at(reader, end)) return true;
  const int c = reader.at(end);
  return (c == '.' || c == '-') && is_digit(reader.at(end + 1));
}

bool number_before(std::string_view text, std::size_t at) {
  if (at < 2) return false;
  const char c = text[at - 1];
  if (c != '.' && c != ',' && c != '-' && c != '/') return false;
  std::size_t digits = 0;
  while (digits < 4 && digits + 2 <= at && is_digit(static_cast<unsigned char>(text[at - 2 - digits])))
    ++digits;
  return c == ',' ? digits > 0 && digits < 4 : digits > 0;  // 12,345 but not a field of a table
}

bool in_row(Reader& reader, std::size_t at) {
  constexpr std::size_t kMany = 8, kShort = 3;
  const std::string_view text = reader.text;
  if (at < 2) return false;
  const char separator = text[at - 1];
  if (separator != ' ' && separator != '.' && separator != '-' && separator != '/' && separator != ':')
    return false;
  const auto fits = [separator](int c) { return separator == ' ' ? is_digit(c) : is_alnum(c); };
  std::size_t size = 0;
  while (size <= kShort && fits(reader.at(at + size))) ++size;
  if (size == 0 || size > kShort) return false;
  for (std::size_t group = 0; group < kMany; ++group) {
    if (at < 2 || text[--at] != separator) return false;
    size = 0;
    while (at > 0 && size <= kShort && fits(static_cast<unsigned char>(text[at - 1]))) {
      --at;
      ++size;
    }
    if (size == 0 || size > kShort) return false;
  }
  return true;
}

}  // namespace kt::text

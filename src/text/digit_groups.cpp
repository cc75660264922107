#include "text/digit_groups.hpp"

namespace kt::text {
namespace {

// The length of one separator at i: an ASCII one of the set, a no-break space or hyphen. 0: none.
std::size_t separator_at(Reader& reader, std::size_t i, std::string_view separators) {
  const int c = reader.at(i);
  if (c < 0) return 0;
  if (c < 0x80) return separators.find(static_cast<char>(c)) == separators.npos ? 0 : 1;
  if (c == 0xc2) return reader.at(i + 1) == 0xa0 ? 2 : 0;
  if (c != 0xe2 || reader.at(i + 1) != 0x80) return 0;
  const int third = reader.at(i + 2);
  return third == 0x91 || third == 0x93 || third == 0xaf ? 3 : 0;
}

// Where the next group begins, or 0.
std::size_t next_group(Reader& reader, std::size_t i, std::string_view separators, bool brackets) {
  if (brackets && reader.at(i) == ')') ++i;
  std::size_t taken = 0;
  for (; taken < (brackets ? 3u : 1u); ++taken) {
    const std::size_t size = separator_at(reader, i, separators);
    if (size == 0) break;
    i += size;
    if (is_digit(reader.at(i))) return i;
  }
  if (brackets && reader.at(i) == '(') ++i;
  return is_digit(reader.at(i)) ? i : 0;
}

}  // namespace

DigitGroups read_groups(Reader& reader, std::size_t at, unsigned most, std::string_view separators,
                        bool brackets) {
  DigitGroups out;
  unsigned total = 0;
  while (out.count < out.groups.size()) {
    const unsigned before = total;
    while (is_digit(reader.at(at)) && total < most) out.digits[total++] = static_cast<char>(reader.at(at++));
    if (total == before) break;
    out.overlong = is_digit(reader.at(at));
    DigitGroups::Group& group = out.groups[out.count++];
    group = {static_cast<std::uint8_t>(total - before), static_cast<std::uint8_t>(total), 0, at};
    if (total == most || out.overlong) break;
    const std::size_t next = next_group(reader, at, separators, brackets);
    if (next == 0) break;
    group.separator = reader.text[at];
    at = next;
  }
  return out;
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

}  // namespace kt::text

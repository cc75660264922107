#include "text/reader.hpp"

namespace kt::text {
namespace {

// The first two bytes of a code point: Latin, Greek, Cyrillic, Armenian letters. Scripts further on are
// written without spaces or glue particles to numbers: a token may begin and end there.
bool spaced_letter(int lead, int second) {
  if (lead >= 0xc3 && lead <= 0xd5) return true;
  if (lead == 0xd6) return second < 0x90;
  return lead == 0xe1 && second >= 0xb8;
}

}  // namespace

bool literal(Reader& reader, std::size_t i, std::string_view text) {
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (reader.at(i + k) != static_cast<unsigned char>(text[k])) return false;
  }
  return true;
}

bool literal_any_case(Reader& reader, std::size_t i, std::string_view text) {
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (lower(reader.at(i + k)) != static_cast<unsigned char>(text[k])) return false;
  }
  return true;
}

bool word_at(Reader& reader, std::size_t i) {
  const int c = reader.at(i);
  if (c < 0x80) return is_alnum(c) || c == '_';
  return spaced_letter(c, reader.at(i + 1));
}

bool word_before(std::string_view text, std::size_t i) {
  if (i == 0) return false;
  const auto byte = [text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  std::size_t lead = i - 1;
  if (byte(lead) < 0x80) return is_alnum(byte(lead)) || byte(lead) == '_';
  while (lead > 0 && i - lead < 4 && (byte(lead) & 0xc0) == 0x80) --lead;
  return spaced_letter(byte(lead), lead + 1 < i ? byte(lead + 1) : 0);
}

}  // namespace kt::text

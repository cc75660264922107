// E-mail addresses as people write them (RFC 5322 dot-atoms, RFC 6531 letters of any script), also with the @
// percent-encoded. Quoted local parts and bare host names are left out.
#include <algorithm>
#include <array>

#include "text/recogniser.hpp"

namespace kt::text {
namespace {

// The length of a letter outside ASCII at i: no spaces, punctuation, full-width forms, emoji.
std::size_t foreign_letter(Reader& reader, std::size_t i) {
  const int c = reader.at(i);
  if (c >= 0xc3 && c <= 0xdf) return 2;
  if (c < 0xe0 || c > 0xee || c == 0xe2) return 0;
  if (c == 0xe3 && reader.at(i + 1) == 0x80) return 0;
  return 3;
}

bool local_ascii(int c) { return is_alnum(c) || c == '_' || c == '-' || c == '+' || c == '~' || c == '%'; }

// Behind the local part that begins at i; 0: none.
std::size_t local_part(Reader& reader, std::size_t i) {
  constexpr std::size_t kLongest = 64, kLongestForeign = 128;
  const std::size_t begin = i;
  bool dot = true, unspaced = false;
  for (;;) {
    const int c = reader.at(i);
    const bool foreign = c >= 0x80;
    if (i - begin > (foreign || unspaced ? kLongestForeign : kLongest)) return 0;
    if (c == '%' && reader.at(i + 1) == '4' && reader.at(i + 2) == '0') break;
    if (c == '.') {
      if (dot) return 0;
      dot = true;
      ++i;
    } else if (local_ascii(c)) {
      if (unspaced && is_alpha(c)) return 0;  // words of an unspaced script run into an address
      dot = false;
      unspaced = false;
      ++i;
    } else if (const std::size_t size = foreign ? foreign_letter(reader, i) : 0; size != 0) {
      unspaced = c >= 0xe3;
      dot = false;
      i += size;
    } else {
      break;
    }
  }
  return i == begin || dot ? 0 : i;
}

// Endings of files, not of domains: logo@2x.png.
bool file_ending(std::string_view label) {
  constexpr std::string_view kEndings[] = {"png",  "jpg", "jpeg", "gif",  "svg", "webp", "css", "js",  "json",
                                           "html", "tsx", "jsx",  "yaml", "yml", "xml",  "txt", "lock"};
  return std::find(std::begin(kEndings), std::end(kEndings), label) != std::end(kEndings);
}

bool top_level(std::string_view label, bool foreign) {
  if (label.size() < 2 || label.size() > 48 || file_ending(label)) return false;
  if (label.starts_with("xn--") || label.starts_with("XN--")) return true;
  return foreign || std::all_of(label.begin(), label.end(), is_alpha);
}

// Behind a label of a domain that begins at i.
std::size_t domain_label(Reader& reader, std::size_t i, bool& foreign) {
  const std::size_t begin = i;
  std::size_t end = i;
  foreign = false;
  bool latin = false;
  while (i - begin <= 63) {
    const int c = reader.at(i);
    if (is_alnum(c)) {
      latin = true;
      end = ++i;
    } else if (latin && c >= 0xe3) {
      break;  // words of an unspaced script follow
    } else if (c == '-') {
      if (i == begin) break;
      ++i;
    } else if (const std::size_t size = c >= 0x80 ? foreign_letter(reader, i) : 0; size != 0) {
      foreign = true;
      end = i += size;
    } else {
      break;
    }
  }
  return end;
}

// Behind the domain that begins at i; 0: none.
std::size_t domain(Reader& reader, std::size_t i) {
  const std::size_t begin = i;
  std::size_t good = 0;
  for (int labels = 1; labels < 10 && i - begin < 254; ++labels) {
    bool foreign = false;
    const std::size_t end = domain_label(reader, i, foreign);
    if (end == i) break;
    if (labels > 1 && top_level(reader.text.substr(i, end - i), foreign)) good = end;
    if (reader.at(end) != '.') break;
    i = end + 1;
  }
  return good;
}

}  // namespace

Hit find_email(Reader& reader, std::size_t at) {
  const auto local_before = [&](std::size_t i) {
    return i > 0 && local_ascii(static_cast<unsigned char>(reader.text[i - 1]));
  };
  if (local_before(at) || (at > 0 && reader.text[at - 1] == '.' && local_before(at - 1))) return {};
  const std::size_t mark = local_part(reader, at);
  if (mark == 0) return {};
  const bool encoded = reader.at(mark) == '%';
  if (!encoded && reader.at(mark) != '@') return {};
  const std::size_t end = domain(reader, mark + (encoded ? 3 : 1));
  if (end == 0) return {};
  const bool remote = reader.text.substr(at, mark - at) == "git" && reader.at(end) == ':';
  return remote ? Hit{} : Hit{end, Entity::email};
}

}  // namespace kt::text

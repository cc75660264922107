// A stream gives the same matches as the whole text, for any bytes. Input: the first byte chooses where to
// cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "kt/text/terms.hpp"

namespace {

using kt::text::Found;
using kt::text::Match;

bool between_code_points(std::string_view text, std::size_t at) {
  return at >= text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
}

// Matches of the text when it comes in pieces of about `step` bytes; 0: whole.
std::vector<Match> search(const kt::text::Finder& finder, std::string_view text, std::size_t step) {
  std::vector<Match> out;
  std::size_t from = 0, size = step == 0 ? text.size() : 0;
  for (bool end = false; !end;) {
    if (step > 0) size = std::min(text.size(), size + step);
    while (!between_code_points(text, size)) ++size;
    end = size == text.size();
    for (;;) {
      std::size_t base = from > kt::text::kContext ? from - kt::text::kContext : 0;
      while (base > 0 && !between_code_points(text, base)) --base;
      const Found found = finder.next({text.substr(base, size - base), from - base, end});
      if (base + (found.match ? found.match->begin : found.safe) < from) std::abort();
      from = base + (found.match ? found.match->end : found.safe);
      if (!found.match) break;
      out.push_back({base + found.match->begin, from, found.match->kind});
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const kt::text::TermFinder finder({{"top secret", 0, 0, false},
                                            {"secret plan b", 1, 0, false},
                                            {"confidential", 2, 2, false},
                                            {"bomb", 3, 0, true},
                                            {"\xe6\x9c\xba\xe5\xaf\x86", 4, 0, false},
                                            {"a b", 5, 0, false},
                                            {"still illicit", 6, 1, false}});
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = search(finder, text, 0), pieces = search(finder, text, 1 + data[0] % 16);
  if (whole.size() != pieces.size()) std::abort();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].begin != pieces[i].begin || whole[i].end != pieces[i].end || whole[i].kind != pieces[i].kind)
      std::abort();
  }
  return 0;
}

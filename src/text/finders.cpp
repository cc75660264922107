#include "kt/text/finders.hpp"

#include <algorithm>

namespace kt::text {

void Finders::add(std::unique_ptr<Finder> finder, std::uint16_t offset) {
  finders_.push_back({std::move(finder), offset});
}

Found Finders::ask(const Window& window) const {
  Found out{std::nullopt, window.text.size()};
  for (const Each& each : finders_) {
    const Found found = each.finder->next(window);
    if (!found.match) {
      out.safe = std::min(out.safe, found.safe);
      continue;
    }
    const Match& match = *found.match;
    if (!out.match || match.begin < out.match->begin ||
        (match.begin == out.match->begin && match.end > out.match->end)) {
      out.match = match;
      out.match->kind = static_cast<std::uint16_t>(match.kind + each.offset);
    }
  }
  if (out.match && out.safe <= out.match->begin) out.match.reset();  // something may begin before it yet
  return out;
}

// In stretches that double: a finder with few matches is not run to the text's end for each match of another.
Found Finders::next(const Window& window) const {
  constexpr std::size_t kFirst = 2048;
  const std::size_t size = window.text.size();
  std::size_t from = window.from;
  for (std::size_t stretch = kFirst;; stretch *= 2) {
    std::size_t limit = size - from > stretch ? from + stretch : size;
    while (limit < size && (static_cast<unsigned char>(window.text[limit]) & 0xc0) == 0x80) ++limit;
    const Found found = ask({window.text.substr(0, limit), from, window.end && limit == size});
    if (found.match || limit == size) return found;
    if (found.safe == limit) stretch = kFirst / 2;
    from = found.safe;
  }
}

}  // namespace kt::text

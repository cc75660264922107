#include "text/edit_distance.hpp"

#include <algorithm>
#include <array>

namespace kt::text {
namespace {

using Row = std::array<std::uint8_t, kMaxFuzzyWord + 16>;
constexpr std::uint8_t kFar = 100;

// The last row of the table: row[j] is the distance of word[0, j) to the whole of text, kFar outside the
// band.
Row last_row(std::u32string_view word, std::u32string_view text, unsigned limit) {
  Row before, above, row;
  above.fill(kFar);
  before.fill(kFar);
  for (std::size_t j = 0; j <= word.size(); ++j) above[j] = static_cast<std::uint8_t>(j <= limit ? j : kFar);
  for (std::size_t i = 1; i <= text.size(); ++i) {
    row.fill(kFar);
    if (i <= limit) row[0] = static_cast<std::uint8_t>(i);
    const std::size_t first = i > limit + 1 ? i - limit : 1;
    for (std::size_t j = first; j <= std::min(word.size(), i + limit); ++j) {
      const bool same = word[j - 1] == text[i - 1];
      unsigned best = std::min({above[j - 1] + (same ? 0u : 1u), above[j] + 1u, row[j - 1] + 1u});
      if (i > 1 && j > 1 && word[j - 1] == text[i - 2] && word[j - 2] == text[i - 1])
        best = std::min(best, before[j - 2] + 1u);
      row[j] = static_cast<std::uint8_t>(std::min<unsigned>(best, kFar));
    }
    before = above;
    above = row;
  }
  return above;
}

}  // namespace

unsigned edit_distance(std::u32string_view word, std::u32string_view text, unsigned limit) {
  const std::size_t gap = word.size() > text.size() ? word.size() - text.size() : text.size() - word.size();
  if (gap > limit) return limit + 1;
  return std::min<unsigned>(last_row(word, text, limit)[word.size()], limit + 1);
}

unsigned prefix_distance(std::u32string_view word, std::u32string_view text, unsigned limit) {
  if (text.size() > word.size() + limit) return limit + 1;
  const Row row = last_row(word, text, limit);
  const std::uint8_t least = *std::min_element(row.begin(), row.begin() + static_cast<long>(word.size()) + 1);
  return std::min<unsigned>(least, limit + 1);
}

std::uint64_t signature(std::u32string_view word) {
  std::uint64_t bits = 0;
  for (const char32_t c : word) bits |= signature_bit(c);
  return bits;
}

}  // namespace kt::text

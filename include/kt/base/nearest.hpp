#pragma once
// What somebody may have meant.

#include <string_view>
#include <vector>

namespace kt {

// The candidate nearest to `word` (Damerau-Levenshtein distance at most 2), or empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace kt

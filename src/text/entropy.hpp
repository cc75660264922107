#pragma once
// How random a token looks.

#include <string_view>

namespace kt::text {

// Shannon entropy in bits per character, 0 for nothing.
double entropy(std::string_view token);

// Placeholders: one character repeated, a run of x, counted-up digits.
bool placeholder(std::string_view token);

}  // namespace kt::text

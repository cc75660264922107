#pragma once
// National numbers of digits only, by their check digits.

#include <string_view>

#include "text/digit_groups.hpp"

namespace kt::text {

// Whether the number at `at` is one. Without a word before it only numbers that tell by their groups or by a
// date and a strong check count.
bool national_number(const DigitGroups& in, unsigned groups, const Reader& reader, std::size_t at);

}  // namespace kt::text

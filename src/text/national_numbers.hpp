#pragma once
// National numbers of digits only, by their check digits.

#include <string_view>

#include "text/digit_groups.hpp"

namespace kt::text {

// `said`: a word before the number names it. Without one only numbers that tell by their groups or by a date
// and a strong check count.
bool national_number(const DigitGroups& in, unsigned groups, std::string_view before);

}  // namespace kt::text

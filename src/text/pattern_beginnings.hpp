#pragma once
// From a pattern to the pattern of the beginnings of its matches.

#include <optional>
#include <string>
#include <string_view>

namespace kt::text {

struct Beginnings {
  std::string pattern;  // matches every text that can be made a match of the pattern by adding at least one
                        // character, and every match whose last word an assertion has; perhaps more
  std::size_t shortest = 0;  // characters of the pattern's shortest match; never too large
};

// Nothing: the pattern has a construct that is not understood here. Precondition: RE2 accepts the pattern.
std::optional<Beginnings> beginnings_of(std::string_view pattern);

}  // namespace kt::text

#pragma once
// A number written in groups: 4012-8888-8888-1881, (415) 555-0132, 123 45 6789.

#include <array>
#include <string>

#include "text/reader.hpp"

namespace kt::text {

struct DigitGroups {
  struct Group {
    std::uint8_t size = 0;   // digits of it
    std::uint8_t total = 0;  // digits up to and with it
    char separator = 0;      // the first character between it and the next; 0 = no next group
    std::size_t end = 0;     // behind its last digit
  };
  std::array<char, 24> digits{};
  std::array<Group, 10> groups{};
  unsigned count = 0;     // groups
  bool overlong = false;  // more digits follow directly than fit

  [[nodiscard]] std::string_view first(unsigned total) const { return {digits.data(), total}; }
  [[nodiscard]] unsigned total() const { return count == 0 ? 0 : groups[count - 1].total; }
};

// Digits from `at` on, at most `most` of them; between groups one of `separators`, and with `brackets` also
// brackets and two separators.
DigitGroups read_groups(Reader& reader, std::size_t at, unsigned most, std::string_view separators,
                        bool brackets = false);

// Whether a number goes on behind `end`: a letter or a digit, or a digit behind a point or a hyphen.
bool number_goes_on(Reader& reader, std::size_t end);
// Whether the token at `at` is the rest of a number: a digit and a point, comma, hyphen or slash before it.
bool number_before(std::string_view text, std::size_t at);

}  // namespace kt::text

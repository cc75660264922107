#pragma once
// A number written in groups: 4012-8888-8888-1881, (415) 555-0132, 123 45 6789.

#include <array>
#include <string>

#include "text/reader.hpp"

namespace kt::text {

struct DigitGroups {
  struct Group {
    std::uint8_t size;   // digits of it
    std::uint8_t total;  // digits up to and with it
    char separator;      // the first character between it and the next; 0 = no next group
    std::size_t end;     // behind its last digit
  };
  std::array<char, 24> digits;   // the first total() of them
  std::array<Group, 10> groups;  // the first `count` of them
  unsigned count = 0;
  bool overlong = false;  // more digits follow directly than fit

  [[nodiscard]] std::string_view first(unsigned total) const { return {digits.data(), total}; }
  [[nodiscard]] unsigned total() const { return count == 0 ? 0 : groups[count - 1].total; }
};

// The groups that were read last.
struct GroupsMemo {
  std::size_t at = static_cast<std::size_t>(-1);
  bool starved = false;
  DigitGroups groups;
};

// Digits from `at` on, at most `most` of them (20 at best); between groups one of `separators`, of " .-/".
// Nothing if there are fewer than `least`. Three groups of one digit each are the last: spelled-out digits
// are no number.
DigitGroups read_groups(Reader& reader, std::size_t at, unsigned least, unsigned most,
                        std::string_view separators);

// The same with " .-/", and between groups also brackets and up to three separators.
DigitGroups read_bracketed_groups(Reader& reader, std::size_t at, unsigned most);

// Whether a number goes on behind `end`: a letter or a digit, or a digit behind a point or a hyphen.
bool number_goes_on(Reader& reader, std::size_t end);
// Whether the token at `at` is the rest of a number: a digit and a point, comma, hyphen or slash before it.
bool number_before(std::string_view text, std::size_t at);
// Whether the token at `at` goes on a row of many short groups of digits, or of letters and digits without
// spaces, with one separator between.
bool in_row(Reader& reader, std::size_t at);

}  // namespace kt::text

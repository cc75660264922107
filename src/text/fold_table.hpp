#pragma once
// The table of tools/unicode/make_fold_table.py: what each code point beyond ASCII folds to.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace kt::text {

struct FoldRecord {
  enum Flag : std::uint8_t { always = 1, in_word = 2 };  // when replacing it undoes a disguise

  std::string_view normal;  // compatibility form, without marks, case folded
  std::string_view full;    // and look-alikes as the Latin letters they stand for
  std::uint8_t flags = 0;
};

class FoldTable {
 public:
  static const FoldTable& get();

  // Null: the code point stands for itself. `point` <= 0x10ffff.
  [[nodiscard]] const FoldRecord* find(char32_t point) const {
    const std::uint16_t record = pages_[page_of_[point >> 8] * 256u + (point & 0xff)];
    return record == 0 ? nullptr : &records_[record];
  }

 private:
  explicit FoldTable(std::string_view bytes);

  std::array<std::uint16_t, 0x1100> page_of_{};
  std::vector<std::uint16_t> pages_;
  std::vector<FoldRecord> records_;
};

}  // namespace kt::text

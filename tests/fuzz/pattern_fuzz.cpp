// Patterns that RE2 accepts, over any text in any cutting: the pattern, a zero byte, the text.
#include <cstdlib>
#include <cstring>

#include "kt/text/pattern.hpp"
#include "support/cuts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kt;
  const auto* zero = static_cast<const std::uint8_t*>(std::memchr(data, 0, size));
  if (zero == nullptr || size > 1024) return 0;
  const std::string pattern(reinterpret_cast<const char*>(data), static_cast<std::size_t>(zero - data));
  const std::string text(reinterpret_cast<const char*>(zero + 1), size - pattern.size() - 1);
  std::vector<text::PatternFault> faults;
  const auto finder = text::PatternFinder::make({pattern}, faults);
  if (!finder) return 0;
  if (test::find_in_pieces(*finder, text, test::every_code_point(text)) != test::find_whole(*finder, text))
    std::abort();
  return 0;
}

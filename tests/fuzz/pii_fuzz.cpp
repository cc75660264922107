// Whatever the bytes and wherever they are cut, the recognisers find the same.
#include <cstdlib>

#include "kt/text/pii.hpp"
#include "support/cuts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kt;
  if (size < 2 || size > 4096) return 0;
  static const text::PiiFinder finder{text::EntitySet().set()};
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto whole = test::find_whole(finder, text);
  std::mt19937 random(data[0]);
  if (test::find_in_pieces(finder, text, test::random_cuts(text, random)) != whole) std::abort();
  if (size < 512 && test::find_in_pieces(finder, text, test::every_code_point(text)) != whole) std::abort();
  return 0;
}

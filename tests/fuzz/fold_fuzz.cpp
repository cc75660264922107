// Folding and the decoded views of any bytes: they end, keep their bounds, and folding commutes with cutting.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kt/text/views.hpp"
#include "text/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kt::text;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Folded whole, head, tail;
  fold(text, {}, whole);
  if (whole.origin.size() != whole.text.size() + 1 || whole.origin.back() != size) std::abort();
  std::size_t cut = 0;
  while (cut < size / 2) cut += std::max(1U, decode_utf8(text, cut).length);
  fold(text.substr(0, cut), {}, head);
  fold(text.substr(cut), {}, tail);
  if (head.text + tail.text != whole.text) std::abort();
  Views views;
  decoded_views(text, whole.text, {}, views);
  std::size_t total = 0;
  for (const View& each : views.list) total += each.text.size();
  if (total > std::max(kViewFloor, size * kViewBytes)) std::abort();
  return 0;
}

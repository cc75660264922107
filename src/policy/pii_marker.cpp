#include "policy/pii_marker.hpp"

#include <algorithm>

namespace kt::policy {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

constexpr std::size_t kStars = 4;

// How many bytes at the value's end may be shown: four of what people compare by its end, and no more than a
// third of it. Secrets show nothing.
std::size_t shown(std::string_view type, std::string_view value) {
  for (const std::string_view secret : {"API_KEY", "JWT", "PRIVATE_KEY", "CONNECTION_STRING",
                                        "URL_CREDENTIALS", "PASSWORD", "CVV", "CUSTOM"}) {
    if (type == secret) return 0;
  }
  std::size_t count = std::min<std::size_t>(4, value.size() / 3);
  while (count > 0 && continues(value[value.size() - count])) --count;
  return count;
}

void partial(const MarkerStyle& style, std::string_view type, std::string_view value, std::string& out) {
  const std::size_t at = value.rfind('@');
  if (type == "EMAIL" && at != value.npos) {  // j****@example.com
    std::size_t first = 1;
    while (first < at && continues(value[first])) ++first;
    out.append(value.substr(0, first));
    out.append(style.preserve_length ? characters(value.substr(first, at - first)) : kStars, '*');
    out.append(value.substr(at));
    return;
  }
  const std::size_t tail = shown(type, value);
  out.append(style.preserve_length ? characters(value.substr(0, value.size() - tail)) : kStars, '*');
  out.append(value.substr(value.size() - tail));
}

}  // namespace

void write_marker(const MarkerStyle& style, std::string_view type, std::string_view value, std::string& out) {
  const std::size_t begin = out.size();
  if (const auto custom = style.custom.find(std::string(type)); custom != style.custom.end()) {
    out.append(custom->second);
  } else if (style.format == MarkerFormat::partial) {
    return partial(style, type, value, out);
  } else if (style.format == MarkerFormat::asterisks) {
    out.append(kStars, '*');
  } else {
    out.append("[").append(type).append("]");
  }
  if (!style.preserve_length) return;
  const std::size_t wanted = characters(value), have = characters(std::string_view(out).substr(begin));
  if (have > wanted) {
    out.resize(begin);
    out.append(wanted, '*');
  } else {
    out.append(wanted - have, '*');
  }
}

}  // namespace kt::policy

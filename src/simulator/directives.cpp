#include "simulator/directives.hpp"

#include <charconv>

namespace kt::simulator {

Directives Directives::parse(std::string_view text) {
  constexpr std::string_view kPrefix = "simulate:";
  Directives found;
  for (std::size_t at = text.find(kPrefix); at != text.npos; at = text.find(kPrefix, at + 1)) {
    const std::string_view rest = text.substr(at + kPrefix.size());
    const std::size_t name_end = std::min(rest.find_first_of(" =\n"), rest.size());
    const std::string name(rest.substr(0, name_end));
    std::string value;
    if (name_end < rest.size() && rest[name_end] == '=') {
      // `reply` takes the rest of the message, the others one word.
      const std::string_view tail = rest.substr(name_end + 1);
      value = std::string(name == "reply" ? tail : tail.substr(0, tail.find_first_of(" \n")));
    }
    found.values_.emplace(name, value);
    if (name == "reply") break;
  }
  return found;
}

std::string Directives::text(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::string() : found->second;
}

std::optional<long> Directives::number(const std::string& name) const {
  const std::string digits = text(name);
  long value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || parsed.ec != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace kt::simulator

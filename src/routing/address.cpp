#include "routing/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace kt::routing {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Without port and brackets.
std::string host_of(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('[')) return std::string(text.substr(1, text.find(']') - 1));
  const bool port = std::count(text.begin(), text.end(), ':') == 1;
  return std::string(port ? text.substr(0, text.find(':')) : text);
}

template <class Address>
std::string spelled(int family, const Address& address) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family, &address, text, sizeof text) == nullptr ? std::string() : std::string(text);
}

}  // namespace

bool is_forwarded_for(std::string_view header_name) {
  constexpr std::string_view kName = "x-forwarded-for";
  return std::equal(header_name.begin(), header_name.end(), kName.begin(), kName.end(),
                    [](char a, char b) { return (a | 0x20) == b || a == b; });
}

std::string network_of(std::string_view text) {
  const std::string host = host_of(text);
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return spelled(AF_INET, four);
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) != 1) return {};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    std::memcpy(&four, six.s6_addr + 12, sizeof four);
    return spelled(AF_INET, four);
  }
  std::memset(six.s6_addr + 8, 0, 8);
  return spelled(AF_INET6, six) + "/64";
}

}  // namespace kt::routing

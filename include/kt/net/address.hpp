#pragma once
// Where to listen and whom to call.

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "kt/base/result.hpp"

namespace kt::net {

// A socket address the kernel takes.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] std::string text() const;    // 127.0.0.1:41002, [::1]:41002, unix:/run/kt.sock
  [[nodiscard]] std::uint16_t port() const;  // 0 for Unix sockets
  [[nodiscard]] bool is_link_local() const;  // 169.254/16, fe80::/10: metadata services, never a provider
  [[nodiscard]] int family() const { return storage.ss_family; }
};

// "HOST:PORT" with an IPv4 or bracketed IPv6 literal, `localhost`, `*` for every IPv4 address, or
// "unix:PATH".
Result<Address> parse_listen_address(std::string_view text);

// An IPv4 or IPv6 literal with a port; no name lookup. An error when `host` is a name.
Result<Address> literal_address(std::string_view host, std::uint16_t port);

}  // namespace kt::net

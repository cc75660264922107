#pragma once
// Addresses as names of limits.

#include <string>
#include <string_view>

namespace kt::routing {

bool is_forwarded_for(std::string_view header_name);

// "192.0.2.1" as it is; an IPv6 address as its /64, because whoever has one has the whole /64; an IPv4
// address in IPv6 clothes as IPv4. Brackets and port may be there. Empty when it is no address.
std::string network_of(std::string_view text);

}  // namespace kt::routing

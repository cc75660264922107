#pragma once
// SipHash-2-4 (Aumasson and Bernstein, 2012): names come from clients, who must not be able to choose two
// that collide.

#include <array>
#include <cstdint>
#include <string_view>

namespace kt::routing {

std::uint64_t sip_hash(const std::array<std::uint64_t, 2>& key, std::string_view bytes);

}  // namespace kt::routing

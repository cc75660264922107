#pragma once
// Hashes over OpenSSL.

#include <array>
#include <string>
#include <string_view>

namespace kt {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view bytes);
std::string hex(std::string_view bytes);
inline std::string hex(const Digest& digest) {
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace kt

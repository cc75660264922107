#include "routing/key_hash.hpp"

#include <bit>

namespace kt::routing {
namespace {

struct Sip {
  std::uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void word(std::uint64_t bits) {
    v3 ^= bits;
    round();
    round();
    v0 ^= bits;
  }
};

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bits |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return bits;
}

}  // namespace

std::uint64_t sip_hash(const std::array<std::uint64_t, 2>& key, std::string_view bytes) {
  Sip sip{key[0] ^ 0x736f6d6570736575ull, key[1] ^ 0x646f72616e646f6dull, key[0] ^ 0x6c7967656e657261ull,
          key[1] ^ 0x7465646279746573ull};
  const std::uint64_t length = std::uint64_t{bytes.size()} << 56;
  while (bytes.size() >= 8) {
    sip.word(little_endian(bytes.substr(0, 8)));
    bytes.remove_prefix(8);
  }
  sip.word(little_endian(bytes) | length);
  sip.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) sip.round();
  return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}

}  // namespace kt::routing

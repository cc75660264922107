#include "kt/base/random.hpp"

#include <sys/random.h>

#include <bit>

namespace kt {

// splitmix64 spreads the seed, xoshiro256** (Blackman, Vigna) generates.
Random::Random(std::uint64_t seed) : state_{} {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

Random Random::from_system() {
  std::uint64_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
    seed = static_cast<std::uint64_t>(system_clock().wall().time_since_epoch().count());
  return Random(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::string make_request_id(WallTime now, Random& random) {
  static constexpr char kHex[] = "0123456789abcdef";
  const auto millis = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1000);
  const std::uint64_t high = (millis << 16) | 0x7000 | (random.next() & 0x0fff);
  const std::uint64_t low = (random.next() & 0x3fffffffffffffff) | 0x8000000000000000;
  std::string id(36, '-');
  for (int nibble = 0, at = 0; nibble < 32; ++nibble, ++at) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) ++at;
    const std::uint64_t word = nibble < 16 ? high : low;
    id[static_cast<std::size_t>(at)] = kHex[(word >> (60 - 4 * (nibble % 16))) & 15];
  }
  return id;
}

}  // namespace kt

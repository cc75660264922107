// Addresses of cryptocurrencies: Base58Check (double SHA-256), Bech32 and Bech32m (BIP 173, 350), Ethereum.
#include <algorithm>
#include <array>
#include <cstdint>

#include "kt/base/crypto.hpp"
#include "text/context.hpp"
#include "text/recogniser.hpp"

namespace kt::text {
namespace {

constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// 25 bytes: a version, a hash and four bytes of checksum.
bool base58check(std::string_view text) {
  std::array<unsigned char, 25> bytes{};
  for (const char c : text) {
    std::size_t carry = kBase58.find(c);
    for (std::size_t i = bytes.size(); i-- > 0;) {
      carry += 58u * bytes[i];
      bytes[i] = static_cast<unsigned char>(carry & 0xff);
      carry >>= 8;
    }
    if (carry != 0) return false;
  }
  const auto view = [](const unsigned char* data, std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(data), size);
  };
  const Digest once = sha256(view(bytes.data(), 21));
  const Digest twice = sha256(view(once.data(), once.size()));
  return std::equal(bytes.begin() + 21, bytes.end(), twice.begin());
}

bool bech32(std::string_view prefix, std::string_view data) {
  std::uint32_t check = 1;
  const auto add = [&check](std::uint32_t value) {
    constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = check >> 25;
    check = (check & 0x1ffffff) << 5 ^ value;
    for (int i = 0; i < 5; ++i) {
      if ((top >> i & 1) != 0) check ^= kGenerator[i];
    }
  };
  for (const char c : prefix) add(static_cast<std::uint32_t>(lower(c)) >> 5);
  add(0);
  for (const char c : prefix) add(static_cast<std::uint32_t>(lower(c)) & 31);
  for (const char c : data) add(static_cast<std::uint32_t>(kBech32.find(static_cast<char>(lower(c)))));
  return check == 1 || check == 0x2bc830a3;
}

std::size_t run(Reader& reader, std::size_t at, std::size_t most, std::string_view set) {
  std::size_t size = 0;
  for (; size <= most; ++size) {
    const int c = reader.at(at + size);
    if (c < 0 || set.find(static_cast<char>(c)) == set.npos) break;
  }
  return size;
}

Hit segwit(Reader& reader, std::size_t at) {
  for (const std::string_view prefix : {"bc", "tb", "ltc"}) {
    std::size_t i = 0;
    while (i < prefix.size() && lower(reader.at(at + i)) == prefix[i]) ++i;
    if (i < prefix.size() || reader.at(at + i) != '1') continue;
    constexpr std::string_view kBoth = "qpzry9x8gf2tvdw0s3jn54khce6mua7lQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    const std::size_t begin = at + prefix.size() + 1, size = run(reader, begin, 90, kBoth);
    if (size < 38 || size > 90 || word_at(reader, begin + size)) return {};
    return bech32(prefix, reader.text.substr(begin, size)) ? Hit{begin + size, Entity::crypto_address}
                                                           : Hit{};
  }
  return {};
}

Hit ethereum(Reader& reader, std::size_t at) {
  if (reader.at(at) != '0' || reader.at(at + 1) != 'x') return {};
  bool varied = false;
  for (std::size_t i = 0; i < 40; ++i) {
    if (!is_hex(reader.at(at + 2 + i))) return {};
    varied |= reader.at(at + 2 + i) != reader.at(at + 2);
  }
  return varied && !word_at(reader, at + 42) ? Hit{at + 42, Entity::crypto_address} : Hit{};
}

}  // namespace

Hit find_crypto(Reader& reader, std::size_t at) {
  if (const Hit hit = ethereum(reader, at); hit.end != 0 || reader.starved) return hit;
  if (const Hit hit = segwit(reader, at); hit.end != 0 || reader.starved) return hit;
  const int first = reader.at(at);
  if (first != '1' && first != '3' && first != 'L' && first != 'M' && first != 'D' && first != 'm' &&
      first != 'n' && first != '2')
    return {};
  const std::size_t size = run(reader, at, 36, kBase58);
  if (size < 26 || size > 35 || word_at(reader, at + size)) return {};
  return base58check(reader.text.substr(at, size)) ? Hit{at + size, Entity::crypto_address} : Hit{};
}

}  // namespace kt::text

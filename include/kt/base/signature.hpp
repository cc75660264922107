#pragma once
// Ed25519 signatures (RFC 8032) over OpenSSL.

#include <array>
#include <memory>
#include <string_view>

#include "kt/base/result.hpp"

struct evp_pkey_st;

namespace kt {

using PublicKey = std::array<unsigned char, 32>;
using Signature = std::array<unsigned char, 64>;
using Seed = std::array<unsigned char, 32>;  // the private key of RFC 8032; wipe it after use

// Thread-safe once made.
class SigningKey {
 public:
  static Result<SigningKey> from_seed(const Seed& seed);

  [[nodiscard]] Signature sign(std::string_view bytes) const;
  [[nodiscard]] PublicKey public_key() const;

 private:
  explicit SigningKey(evp_pkey_st* key) : key_(key) {}
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  std::unique_ptr<evp_pkey_st, Free> key_;
};

bool verify_signature(const PublicKey& key, std::string_view bytes, const Signature& signature);

}  // namespace kt

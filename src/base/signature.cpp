#include "kt/base/signature.hpp"

#include <openssl/evp.h>

namespace kt {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

void SigningKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<SigningKey> SigningKey::from_seed(const Seed& seed) {
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size());
  if (key == nullptr) return Error{Code::internal, "the signing key is not usable"};
  return SigningKey(key);
}

Signature SigningKey::sign(std::string_view bytes) const {
  Signature signature{};
  std::size_t size = signature.size();
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get());
  EVP_DigestSign(context.get(), signature.data(), &size, bytes_of(bytes), bytes.size());
  return signature;
}

PublicKey SigningKey::public_key() const {
  PublicKey key{};
  std::size_t size = key.size();
  EVP_PKEY_get_raw_public_key(key_.get(), key.data(), &size);
  return key;
}

bool verify_signature(const PublicKey& key, std::string_view bytes, const Signature& signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> made(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), &EVP_PKEY_free);
  if (!made) return false;
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, made.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(bytes), bytes.size()) ==
         1;
}

}  // namespace kt

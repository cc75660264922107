#include "kt/base/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>

namespace kt {
namespace {

// Fetched once: an implicit fetch per digest costs more than hashing a record.
const EVP_MD* sha256_method() {
  static const EVP_MD* method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return method;
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex2(context_.get(), sha256_method(), nullptr);
}
Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

Digest Sha256::finish() {
  Digest digest;
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  EVP_DigestInit_ex2(context_.get(), nullptr, nullptr);
  return digest;
}

Hmac::Hmac(std::string_view key) {
  Digest shorter{};
  if (key.size() > inner_.size()) {
    shorter = hash_.of(key);
    key = view(shorter);
  }
  std::memcpy(inner_.data(), key.data(), key.size());
  outer_ = inner_;
  for (char& c : inner_) c = static_cast<char>(c ^ 0x36);
  for (char& c : outer_) c = static_cast<char>(c ^ 0x5c);
  hash_.update({inner_.data(), inner_.size()});
  OPENSSL_cleanse(shorter.data(), shorter.size());
}

Hmac::~Hmac() {
  OPENSSL_cleanse(inner_.data(), inner_.size());
  OPENSSL_cleanse(outer_.data(), outer_.size());
}

Digest Hmac::finish() {
  const Digest inner = hash_.finish();
  hash_.update({outer_.data(), outer_.size()});
  hash_.update(view(inner));
  const Digest result = hash_.finish();
  hash_.update({inner_.data(), inner_.size()});
  return result;
}

bool from_hex(std::string_view text, unsigned char* out, std::size_t bytes) {
  if (text.size() != bytes * 2) return false;
  for (std::size_t i = 0; i < bytes; ++i) {
    const int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    out[i] = static_cast<unsigned char>(high << 4 | low);
  }
  return true;
}

void random_bytes(unsigned char* out, std::size_t bytes) {
  if (RAND_bytes(out, static_cast<int>(bytes)) != 1)
    std::abort();  // a key of known bytes is worse than no process
}

bool same_digest(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace kt

#pragma once
// SHA-256 and HMAC-SHA256 (RFC 2104) for hot loops: one context, no allocation per digest. Not thread-safe.

#include <array>
#include <memory>
#include <string_view>

#include "kt/base/crypto.hpp"

struct evp_md_ctx_st;

namespace kt {

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept = default;
  Sha256& operator=(Sha256&&) noexcept = default;
  ~Sha256();

  void update(std::string_view bytes);
  Digest finish();  // and begins anew
  Digest of(std::string_view bytes) {
    update(bytes);
    return finish();
  }

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// The key is wiped when it goes.
class Hmac {
 public:
  explicit Hmac(std::string_view key);
  Hmac(Hmac&&) noexcept = default;
  Hmac& operator=(Hmac&&) noexcept = default;
  ~Hmac();

  void update(std::string_view bytes) { hash_.update(bytes); }
  Digest finish();  // and begins anew
  Digest of(std::string_view bytes) {
    update(bytes);
    return finish();
  }

 private:
  std::array<char, 64> inner_{}, outer_{};
  Sha256 hash_;
};

inline std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Lower-case hex into bytes; false when it is anything else or of another length.
bool from_hex(std::string_view text, unsigned char* out, std::size_t bytes);

// Bytes from the kernel's generator, for keys and nonces.
void random_bytes(unsigned char* out, std::size_t bytes);

// In constant time.
bool same_digest(const Digest& a, const Digest& b);

}  // namespace kt

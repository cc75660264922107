#include "kt/base/wipe.hpp"

#include <openssl/crypto.h>

namespace kt {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace kt

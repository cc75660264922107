#include "kt/base/hash.hpp"

#include <gtest/gtest.h>

#include "kt/base/signature.hpp"

namespace kt {
namespace {

TEST(Hmac, AgreesWithRfc4231) {
  Hmac hmac(std::string(20, '\x0b'));
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(hex(hmac.of("Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(Hmac(std::string(131, '\xaa')).of("Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Sha256, BeginsAnewAfterEachDigest) {
  Sha256 hash;
  hash.update("a");
  hash.update("bc");
  EXPECT_EQ(hex(hash.finish()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(hash.of("")), hex(sha256("")));
}

TEST(Hex, ReadsLowerCaseOfTheRightLengthOnly) {
  unsigned char out[2];
  EXPECT_TRUE(from_hex("00ff", out, 2));
  EXPECT_EQ(out[1], 255);
  for (const char* bad : {"00FF", "00f", "00ff0", "00fg", ""}) EXPECT_FALSE(from_hex(bad, out, 2)) << bad;
}

// RFC 8032, section 7.1, test 2.
TEST(Ed25519, AgreesWithRfc8032) {
  Seed seed{};
  ASSERT_TRUE(from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed.data(), 32));
  const auto key = SigningKey::from_seed(seed);
  ASSERT_TRUE(key);
  const auto hex_of = [](const auto& bytes) {
    return hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  };
  EXPECT_EQ(hex_of(key->public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  Signature signature = key->sign("\x72");
  EXPECT_EQ(hex_of(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(verify_signature(key->public_key(), "\x72", signature));
  EXPECT_FALSE(verify_signature(key->public_key(), "\x73", signature));
  signature[3] ^= 1;
  EXPECT_FALSE(verify_signature(key->public_key(), "\x72", signature));
}

}  // namespace
}  // namespace kt

#include <gtest/gtest.h>

#include <set>

#include "kt/base/crypto.hpp"
#include "kt/base/error.hpp"
#include "kt/base/random.hpp"
#include "kt/base/secret.hpp"

namespace kt {
namespace {

TEST(RequestId, IsAUuidOfVersion7ThatSortsByTime) {
  Random random(1);
  const WallTime now{std::chrono::seconds(1'700'000'000)};
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(make_request_id(now, random));
  EXPECT_EQ(ids.size(), 1000u);
  const std::string& id = *ids.begin();
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '7');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_LT(id, make_request_id(now + std::chrono::milliseconds(1), random));
}

TEST(Random, IsTheSameForOneSeed) {
  Random a(7), b(7), c(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
  for (int i = 0; i < 1000; ++i) EXPECT_LT(a.uniform(), 1.0);
}

TEST(Secret, ComparesAndMoves) {
  Secret one("key-1");
  EXPECT_TRUE(one.equals("key-1"));
  EXPECT_FALSE(one.equals("key-2") || one.equals("key-") || one.equals(""));
  const Secret moved = std::move(one);
  EXPECT_EQ(moved.reveal(), "key-1");
  EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move): moving wipes
}

TEST(Crypto, KnowsTheVectorOfTheStandard) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Clock, WritesRfc3339) {
  EXPECT_EQ(rfc3339(WallTime{std::chrono::microseconds(1'700'000'000'000'123)}),
            "2023-11-14T22:13:20.000123Z");
}

TEST(Error, EveryCodeHasAStatusATypeAndAName) {
  for (int i = 0; i <= static_cast<int>(Code::upstream_credential); ++i) {
    const CodeInfo& code = info(static_cast<Code>(i));
    EXPECT_GE(code.status, 400) << i;
    EXPECT_FALSE(std::string_view(code.name).empty() || std::string_view(code.type).empty()) << i;
  }
}

}  // namespace
}  // namespace kt

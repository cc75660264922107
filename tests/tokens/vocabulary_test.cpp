#include "kt/tokens/vocabulary.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "kt/base/random.hpp"
#include "support/fixture.hpp"
#include "tokens/split.hpp"

namespace kt::tokens {
namespace {

std::string ranks_of(Encoding encoding, const std::string& text) {
  std::vector<std::uint32_t> ranks;
  Vocabulary::of(encoding).encode(text, ranks);
  EXPECT_EQ(Vocabulary::of(encoding).count(text), ranks.size());
  if (ranks.size() > 40) return "#" + std::to_string(ranks.size());
  std::string out;
  for (const std::uint32_t rank : ranks) out += (out.empty() ? "" : " ") + std::to_string(rank);
  return out;
}

TEST(Vocabulary, GivesTheRanksOfTheReference) {
  int checked = 0;
  for (const test::Row& row : test::rows("tokens.tsv")) {
    const Encoding encoding = row.at(0) == "o200k" ? Encoding::o200k : Encoding::cl100k;
    ASSERT_EQ(ranks_of(encoding, row.at(2)), row.at(1)) << row.at(0) << ": " << row.at(2);
    ++checked;
  }
  EXPECT_GT(checked, 1500);
}

TEST(Vocabulary, NothingIsNoToken) { EXPECT_EQ(Vocabulary::of(Encoding::o200k).count(""), 0u); }

TEST(Vocabulary, AnyBytesAreCounted) {
  Random random(9);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::uint64_t left = random.next() % 40; left > 0; --left) text += static_cast<char>(random.next());
    const std::size_t count = Vocabulary::of(Encoding::o200k).count(text);
    EXPECT_LE(count, text.size());
    EXPECT_EQ(count == 0, text.empty());
  }
}

TEST(Vocabulary, AMegabyteOfOneWordTakesNoLongerThanText) {
  const auto began = std::chrono::steady_clock::now();
  for (const char* unit : {"a", "aB", "あ", " ", "\n", "!", "7"}) {
    std::string text;
    while (text.size() < 1'000'000) text += unit;
    EXPECT_GT(Vocabulary::of(Encoding::o200k).count(text), 1000u);
    EXPECT_GT(Vocabulary::of(Encoding::cl100k).count(text), 1000u);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(60));
}

TEST(Vocabulary, EncodingsByModel) {
  for (const char* model : {"gpt-4o", "gpt-4o-mini", "gpt-4.1", "o3-mini", "gpt-5", "something-new"})
    EXPECT_EQ(encoding_of(model), Encoding::o200k) << model;
  for (const char* model : {"gpt-4", "gpt-4-turbo", "gpt-4-32k", "gpt-35-turbo", "gpt-3.5-turbo",
                            "text-embedding-3-small", "text-embedding-ada-002"})
    EXPECT_EQ(encoding_of(model), Encoding::cl100k) << model;
}

TEST(Split, PiecesNeverEndInsideACharacter) {
  const std::string text = "Größe 漢字あA \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 e\xcc\x81!";
  for (const auto piece : {o200k_piece, cl100k_piece}) {
    for (std::size_t at = 0; at < text.size(); at += piece(std::string_view(text).substr(at)))
      EXPECT_NE(static_cast<unsigned char>(text[at]) & 0xc0, 0x80) << at;
  }
}

}  // namespace
}  // namespace kt::tokens

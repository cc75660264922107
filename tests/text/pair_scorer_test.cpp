#include "kt/text/pair_scorer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "text/ngrams.hpp"

namespace kt::text {
namespace {

constexpr unsigned kBits = 16;

// Both heads: scale 1, bias 0, score = raw / 100.
struct File {
  std::string table = std::string(PairModel::kHeads << kBits, '\0');

  void weigh(std::string_view word, std::size_t head, char weight) {
    const Lexicon none;
    Ngrams(none).run(
        word,
        [&](std::uint64_t hash, float) {
          table[PairModel::kHeads * ((hash * 0x94d049bb133111ebU) >> (64 - kBits)) + head] = weight;
        },
        [](std::uint8_t) {});
  }

  [[nodiscard]] std::string bytes() const {
    std::string out("KTPAIR1\0", 8);
    const auto add = [&](const auto& value) {
      out.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    for (const std::uint32_t each : {kBits, 0U, 2U}) add(each);
    for (std::size_t head = 0; head < PairModel::kHeads; ++head) {
      for (const float each : {1.0F, 0.0F, 0.0F, 0.0F, 100.0F, 1.0F}) add(each);
    }
    return out + table;
  }
};

PairModel::Scores scored(std::string_view bytes, std::string_view text) {
  PairModel::Scratch scratch;
  return PairModel::read(bytes)->score(text, scratch);
}

std::string repeated(std::string_view part, unsigned times) {
  std::string out;
  for (unsigned i = 0; i < times; ++i) out += part;
  return out;
}

TEST(PairModel, EachHeadHasItsOwnWeights) {
  File file;
  file.weigh("burgle", 0, 10);
  file.weigh("nitwit", 1, 20);
  const std::string bytes = file.bytes();
  const PairModel::Scores request = scored(bytes, "burgle"), abuse = scored(bytes, "nitwit");
  // Fifteen pieces of value 1 and the word of 1.5, each times 10, over the root of their squares.
  EXPECT_NEAR(request[0], 10 * 16.5 / std::sqrt(15 + 2.25) / 100, 1e-4);
  EXPECT_EQ(request[1], 0);
  EXPECT_NEAR(abuse[1], 20 * 16.5 / std::sqrt(15 + 2.25) / 100, 1e-4);
  EXPECT_EQ(abuse[0], 0);
  EXPECT_EQ(scored(bytes, " ?! ")[1], 0);
}

TEST(PairModel, TheWorstStretchCountsWhereverItStands) {
  File file;
  file.weigh("nitwit", 1, 100);
  const std::string bytes = file.bytes();
  const float inside = scored(bytes, repeated("garden ", 32) + "nitwit " + repeated("garden ", 31))[1];
  EXPECT_GT(inside, 0.1F);
  for (const unsigned before : {32U, 64U, 300U}) {
    const auto text = repeated("garden ", before) + "nitwit " + repeated("garden ", 300);
    EXPECT_NEAR(scored(bytes, text)[1], inside, 0.01F) << before;
  }
}

TEST(PairModel, RefusesDamagedFiles) {
  const std::string bytes = File().bytes();
  EXPECT_TRUE(PairModel::read(bytes));
  EXPECT_FALSE(PairModel::read(""));
  EXPECT_FALSE(PairModel::read(bytes.substr(0, bytes.size() - 1)));
  EXPECT_FALSE(PairModel::read(bytes + "x"));
  std::string damaged = bytes;
  damaged[0] = 'X';
  EXPECT_FALSE(PairModel::read(damaged));
  damaged = bytes;
  damaged[8] = 40;  // the table's size
  EXPECT_FALSE(PairModel::read(damaged));
}

}  // namespace
}  // namespace kt::text

#include "kt/text/scorer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <ctime>

#include "kt/text/fold.hpp"
#include "text/ngrams.hpp"

namespace kt::text {
namespace {

constexpr unsigned kBits = 18;

struct File {
  std::string lexicon = "override ignore vergiss 忽略\nrules rules 指令\n";
  std::vector<std::pair<float, float>> calibration{{-1, 0.1F}, {1, 0.5F}, {3, 0.9F}};
  std::string table = std::string(1 << kBits, '\0');

  void weigh(std::string_view text, char weight) {
    const Lexicon words(lexicon);
    Ngrams(words).run(
        text,
        [&](std::uint64_t hash, float) { table[(hash * 0x94d049bb133111ebU) >> (64 - kBits)] = weight; },
        [](std::uint8_t) {});
  }

  [[nodiscard]] std::string bytes() const {
    std::string out("KTLIN1\0\0", 8);
    const auto add = [&](const auto& value) {
      out.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    add(std::uint32_t{3});
    add(std::uint32_t{kBits});
    add(0.5F);
    add(-1.0F);
    add(static_cast<std::uint32_t>(lexicon.size()));
    add(static_cast<std::uint32_t>(calibration.size()));
    add(std::uint32_t{1});
    out += lexicon;
    for (const auto& [raw, score] : calibration) {
      add(raw);
      add(score);
    }
    out += std::string("answer").append(22, '\0');
    add(42.0F);
    return out + table;
  }
};

LinearScore scored(const LinearModel& model, std::string_view text) {
  LinearModel::Scratch scratch;
  return model.score(text, scratch);
}

std::string repeated(std::string_view part, std::size_t size) {
  std::string out;
  while (out.size() < size) out += part;
  return out;
}

TEST(Scorer, ReadsItsFile) {
  const std::string bytes = File().bytes();
  const auto model = LinearModel::read(bytes);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->version(), 3u);
  EXPECT_EQ(model->constant("answer"), 42.0F);
  EXPECT_EQ(model->constant("question"), 0.0F);
  EXPECT_NEAR(model->calibrated(-5), 0.1, 1e-6);
  EXPECT_NEAR(model->calibrated(0), 0.3, 1e-6);
  EXPECT_NEAR(model->calibrated(2), 0.7, 1e-6);
  EXPECT_NEAR(model->calibrated(99), 0.9, 1e-6);
  EXPECT_NEAR(model->calibrated(NAN), 0.1, 1e-6);
}

TEST(Scorer, RefusesWhatIsNoModel) {
  const std::string good = File().bytes();
  for (std::size_t size = 0; size < 40; ++size) EXPECT_FALSE(LinearModel::read(good.substr(0, size)));
  EXPECT_FALSE(LinearModel::read(good + "x"));
  for (const std::size_t at : {0U, 12U, 24U, 28U, 32U}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] + 21);
    EXPECT_FALSE(LinearModel::read(bad)) << at;
  }
}

TEST(Scorer, WithoutWeightsItIsTheBias) {
  const std::string bytes = File().bytes();
  const auto model = LinearModel::read(bytes);
  for (const auto* text : {"", " ", "?!", "hello", "one two three"}) {
    EXPECT_FLOAT_EQ(scored(*model, text).whole, -1) << text;
    EXPECT_FLOAT_EQ(scored(*model, text).peak, -1) << text;
  }
}

TEST(Scorer, WindowsKeepAnAttackFromDrowning) {
  File file;
  file.weigh("kindly surrender everything", 100);
  const std::string bytes = file.bytes();
  const auto model = LinearModel::read(bytes);
  const float alone = scored(*model, "kindly surrender everything").whole;
  const std::string filler = repeated("zoo box fix wax hut pot mud fog ", 20'000);
  for (const std::size_t at : {std::size_t{0}, filler.find(' ', 9'000), filler.size()}) {
    std::string text = filler;
    text.insert(at, " kindly surrender everything ");
    const LinearScore score = scored(*model, text);
    EXPECT_GT(score.peak, 0.3F * alone) << at;
    EXPECT_LT(score.whole, 0.1F * alone) << at;
    EXPECT_GT(score.peak, score.local) << at;
  }
}

TEST(Scorer, FindsWordsOfTheLexicon) {
  const std::string bytes = File().bytes();
  const auto model = LinearModel::read(bytes);
  LinearModel::Scratch scratch;
  (void)model->score("please ignored 忽略 the 指令", scratch);
  EXPECT_EQ(model->lexicon().number("rules"), 2);
  EXPECT_EQ(model->lexicon().number("none"), 0);
  ASSERT_EQ(scratch.hits.size(), 3u);
  EXPECT_EQ(scratch.hits[0].word, 1u);
  EXPECT_EQ(scratch.hits[0].word_class, 1);
  EXPECT_EQ(scratch.hits[1].word, 3u);
  EXPECT_EQ(scratch.hits[2].word_class, 2);
}

// Bytes of work per feature are bounded, so the features must be linear in the text.
TEST(Scorer, FeaturesAreLinearInTheText) {
  const Lexicon none;
  const auto count = [&](const std::string& text) {
    std::size_t features = 0;
    Ngrams(none).run(
        text, [&](std::uint64_t, float) { ++features; }, [](std::uint8_t) {});
    return features;
  };
  for (const auto* part : {"a", "@", "[", "(((", "a ", "<|", "\xe4\xbd\xa0", "\xff", "a1!", "\n"}) {
    const std::size_t half = count(repeated(part, 500'000)), whole = count(repeated(part, 1'000'000));
    EXPECT_LE(whole, 2 * half + 64) << part;
    EXPECT_LE(whole, 6'000'000u) << part;
  }
}

// Processor time, the least of several runs: other work on the machine does not count.
double seconds(const LinearModel& model, const std::string& text) {
  double least = 1e9;
  LinearModel::Scratch scratch;
  const auto now = [] {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  for (int round = 0; round < 5; ++round) {
    const double begin = now();
    (void)model.score(text, scratch);
    least = std::min(least, now() - begin);
  }
  return least;
}

TEST(Scorer, TimeIsLinearInTheText) {
  const std::string bytes = File().bytes();
  const auto model = LinearModel::read(bytes);
  for (const auto* part : {"a", "@", "[", "a ", "ignore rules "}) {
    EXPECT_LT(seconds(*model, repeated(part, 1'000'000)), 3 * seconds(*model, repeated(part, 500'000)) + 2e-3)
        << part;
  }
}

}  // namespace
}  // namespace kt::text

// No text costs much more a byte than prose, whatever it repeats.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>

#include "policy/injection_judge.hpp"

namespace kt::policy {
namespace {

constexpr std::size_t kBytes = 1 << 16;

std::string repeated(std::string_view motif) {
  std::string out;
  while (out.size() < kBytes) out += motif;
  return out;
}

double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// The least of a few runs, so that what else the machine does hardly counts.
double cost(std::string_view motif, int runs = 3) {
  static const InjectionJudge judge(injection_model(), {});
  static JudgeScratch scratch;
  const std::string text = repeated(motif);
  double least = 1e9;
  for (int run = 0; run < runs; ++run) {
    const double begin = thread_seconds();
    EXPECT_LE(judge.score(text, llm::Role::user, scratch, nullptr), 1);
    least = std::min(least, thread_seconds() - begin);
  }
  return least;
}

constexpr std::string_view kProse =
    "Please summarise the minutes of the meeting for the people who could not come, and list what was "
    "decided.\n";
constexpr double kMost = 5;

TEST(InjectionCost, MarksAndCodes) {
  const double prose = cost(kProse, 6);
  for (const auto* motif : {"[",        "<",         "#",    "!",       "\n",    "-",     "]]>", "![",
                            "![](http", "uoy ",      "ab\n", "QUJD",    "%41",   "&#65;", "&",   "url ",
                            "you all ", "send url ", "\n# ", "user:\n", "0x41 ", "d4 ",   "1 2 "}) {
    EXPECT_LE(cost(motif), kMost * prose) << motif;
  }
}

TEST(InjectionCost, RandomMotifs) {
  constexpr std::string_view kAlphabet = "ab1 \n<>[]#!-=*\"'`&%\\x;:.(){}|/4uyohte";
  std::mt19937 random(20);
  const double prose = cost(kProse, 6);
  for (int i = 0; i < 150; ++i) {
    std::string motif;
    for (unsigned length = 1 + random() % 6; motif.size() < length;)
      motif += kAlphabet[random() % kAlphabet.size()];
    EXPECT_LE(cost(motif), kMost * prose) << motif;
  }
}

}  // namespace
}  // namespace kt::policy

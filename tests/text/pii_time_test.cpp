// What a text may cost, whatever it is made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <string>

#include "kt/text/pii.hpp"
#include "support/cuts.hpp"

namespace kt::text {
namespace {

std::string repeated(const std::string& motif, std::size_t size) {
  std::string out;
  while (out.size() < size) out += motif;
  return out;
}

// Nanoseconds of this thread's processor time per byte, the best of three.
double cost(const std::string& text) {
  static const PiiFinder finder{EntitySet().set()};
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  };
  double best = 1e18;
  for (int i = 0; i < 3; ++i) {
    const double begin = now();
    test::find_whole(finder, text);
    best = std::min(best, (now() - begin) / static_cast<double>(text.size()));
  }
  return best;
}

// Looking at every byte once takes about 1 ns in an unoptimised build too; the bound is a multiple of prose.
double most() {
  static const double prose =
      cost(repeated("Please tell us how the last meeting went and who was there. ", 1 << 15));
  constexpr double kMostTimesProse = 45;
  return prose * kMostTimesProse;
}

constexpr std::size_t kSize = 1 << 14;

TEST(PiiTime, TextsMadeToBeSlow) {
  for (const std::string motif :
       {"1 ",        "12 ",        "123 ",   ":",          "a.",          "1-1-1 ", "+1 ",  "::1",
        "password=", "AAAA BBBB ", "key: ",  "\"",         "-----BEGIN ", "eyJ",    "eyJ-", "http://a@",
        "[[[[",      "host=",      "token:", "secret=\"a", "é1 ",         "中1a ",  "sk-",  "t1.t1."}) {
    EXPECT_LT(cost(repeated(motif, kSize)), most()) << motif;
  }
}

TEST(PiiTime, RandomMotifs) {
  const std::string words[] = {"1",   "2",   "12",    "123", "1234", "a",  "A",  "b", "x",   "0",
                               " ",   ".",   "-",     ":",   "/",    "=",  "@",  "+", "\"",  "'",
                               "(",   "[",   ",",     "|",   ";",    "%",  "\n", "é", "中",  "_",
                               "eyJ", "tel", "token", "#",   "ssn",  "sk", "id", "~", "pass"};
  std::mt19937 random(20);
  for (int i = 0; i < 300; ++i) {
    std::string motif;
    const std::size_t size = 1 + random() % 8;
    while (motif.size() < size) motif += words[random() % std::size(words)];
    EXPECT_LT(cost(repeated(motif, kSize)), most()) << motif;
  }
}

TEST(PiiTime, TwiceTheTextTakesAboutTwiceAsLong) {
  for (const std::string unit : {"a", "1 ", "[", "a.", "a@", "eyJ.", "-----BEGIN PRIVATE KEY-----",
                                 "password: ", ":", "http://a:", "é"}) {
    const double once = cost(repeated(unit, 1 << 17)), twice = cost(repeated(unit, 1 << 18));
    EXPECT_LT(twice, once * 3 + 5) << unit;
  }
}

}  // namespace
}  // namespace kt::text

#include "kt/text/pattern.hpp"

#include <gtest/gtest.h>

#include "kt/text/finders.hpp"
#include "kt/text/pii.hpp"
#include "support/cuts.hpp"
#include "text/pattern_beginnings.hpp"

namespace kt::text {
namespace {

std::unique_ptr<PatternFinder> made(const std::vector<std::string>& patterns) {
  std::vector<PatternFault> faults;
  auto out = PatternFinder::make(patterns, faults);
  EXPECT_TRUE(out != nullptr) << (faults.empty() ? "" : faults[0].message);
  return out;
}

std::string first_of(const std::string& pattern, const std::string& text) {
  const auto all = test::find_whole(*made({pattern}), text);
  return all.empty() ? "" : text.substr(all[0].begin, all[0].end - all[0].begin);
}

TEST(Pattern, FindsTheLeftmost) {
  EXPECT_EQ(first_of("PRJ-[0-9]{4}", "see PRJ-1234 and PRJ-9999"), "PRJ-1234");
  EXPECT_EQ(first_of("(?i)project (?:apollo|zeus)", "a PROJECT Zeus b"), "PROJECT Zeus");
  EXPECT_EQ(first_of(R"(\bcat\b)", "concat cat"), "cat");
  EXPECT_EQ(first_of(R"(\p{Greek}+)", "abc αβγ def"), "αβγ");
}

TEST(Pattern, OfTwoAtOnePlaceTheLonger) {
  const auto finder = made({"ab", "abc", "x"});
  const auto all = test::find_whole(*finder, "abc x");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0], (test::Piece{0, 3, 1}));
  EXPECT_EQ(all[1], (test::Piece{4, 5, 2}));
}

TEST(Pattern, FaultsNameThePattern) {
  std::vector<PatternFault> faults;
  EXPECT_EQ(
      PatternFinder::make({"ok", "(", "a(?=b)", "x*", std::string(5000, 'a'), "(?:a{1000}){1000}"}, faults),
      nullptr);
  ASSERT_EQ(faults.size(), 5u);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    EXPECT_EQ(faults[i].index, i + 1);
    EXPECT_FALSE(faults[i].message.empty());
    EXPECT_FALSE(faults[i].suggestion.empty());
  }
}

const char* const kPatterns[] = {"PRJ-[0-9]{4}",
                                 "[a-z]+@[a-z]+[.]com",
                                 R"(\bcat\b)",
                                 "a+b+c",
                                 "(?i)se(cret|vere)(ly)?",
                                 "x.{2,4}y",
                                 R"(\d{3}-\d{2}|\d{5})",
                                 "(?:ab|a)(?:c|bcd)",
                                 "a??b",
                                 R"([\d\pL]{2,3}!)",
                                 "^begin",
                                 "end$",
                                 R"((?m)^line\b)",
                                 "(?P<name>k[0-9])(l|m)*n",
                                 R"([]a]{2}[^]b]x)",
                                 R"([[:alpha:]]{3}\x{41}\x42)",
                                 "日本(語|人)?",
                                 "(?:a{2}){2}",
                                 "b{0,0}c",
                                 R"(\Bat)",
                                 "(a|b)*c{2,}",
                                 "(?s)q.r",
                                 "(?i:Ab)c"};

const char* const kTexts[] = {"see PRJ-1234 PRJ-12 PRJ-99999",
                              "me@site.com or me@site.co",
                              "concat cat cat. the cat",
                              "aabbc aab abc aaabbbc",
                              "secretly SEVERE secre secretl",
                              "x12y x1y xabcdey x日本y",
                              "123-45 12345 1234 123-4",
                              "abcd acb abc aabcd",
                              "ab b aab",
                              "1é! 12a! é!",
                              "begin begin",
                              "the end end",
                              "a\nline one\nlines\nline",
                              "k1lmln k2n k3lx",
                              "]a]x aax ]]cx",
                              "abcAB xyzAB xyA",
                              "日本語 日本人 日本 日",
                              "aaaa aaa aaaaaaaa",
                              "bc c",
                              "at cat hat at",
                              "ababcc bcc c cc",
                              "q\nr q r",
                              "ABc abc aBc Abd"};

TEST(Pattern, EveryCutGivesTheSame) {
  for (const char* pattern : kPatterns) {
    const auto finder = made({pattern});
    ASSERT_TRUE(finder) << pattern;
    EXPECT_TRUE(finder->bounded(0)) << pattern;
    for (const std::string text : kTexts) {
      const auto whole = test::find_whole(*finder, text);
      const auto points = test::every_code_point(text);
      EXPECT_EQ(test::find_in_pieces(*finder, text, points), whole) << pattern << " in " << text;
      for (const std::size_t cut : points)
        EXPECT_EQ(test::find_in_pieces(*finder, text, {cut}), whole)
            << pattern << " in " << text << " at " << cut;
    }
  }
}

TEST(Pattern, AllTogetherInEveryCut) {
  const auto finder = made({std::begin(kPatterns), std::end(kPatterns)});
  std::mt19937 random(3);
  for (const std::string text : kTexts) {
    const auto whole = test::find_whole(*finder, text);
    EXPECT_EQ(test::find_in_pieces(*finder, text, test::every_code_point(text)), whole) << text;
    EXPECT_EQ(test::find_in_pieces(*finder, text, test::random_cuts(text, random)), whole) << text;
  }
}

TEST(Pattern, HoldsExactlyTheBeginnings) {
  const auto finder = made({"PRJ-[0-9]{4}"});
  const auto held = [&](std::string_view text) { return text.size() - finder->next({text, 0, false}).safe; };
  EXPECT_EQ(held("plain words"), 0u);
  EXPECT_EQ(held("plain P"), 1u);
  EXPECT_EQ(held("plain PRJ-12"), 6u);
  EXPECT_EQ(held("plain PRJ-x"), 0u);
  EXPECT_TRUE(finder->next({"PRJ-1234", 0, false}).match) << "a match that cannot grow is decided at once";
}

TEST(Pattern, WhatIsNotUnderstoodIsHeldToTheEnd) {
  const auto finder = made({R"(a\Qb.c\E)"});
  EXPECT_FALSE(finder->bounded(0));
  const std::string text = "xx ab.c yy";
  EXPECT_EQ(finder->next({text, 0, false}).safe, 0u);
  EXPECT_EQ(test::find_in_pieces(*finder, text, test::every_code_point(text)),
            test::find_whole(*finder, text));
  EXPECT_FALSE(beginnings_of("a(?i)b"));
}

TEST(Finders, PatternsBesideTheRecognisers) {
  Finders both;
  both.add(std::make_unique<PiiFinder>(EntitySet().set()), 0);
  both.add(made({"EMP-[0-9]{5}", "jane"}), 100);
  const std::string text = "EMP-64678 is jane@example.org, EMP-1 is jane";
  const auto whole = test::find_whole(both, text);
  ASSERT_EQ(whole.size(), 3u);
  EXPECT_EQ(whole[0], (test::Piece{0, 9, 100}));
  EXPECT_EQ(whole[1], (test::Piece{13, 29, 0}));
  EXPECT_EQ(whole[2].kind, 101);
  EXPECT_EQ(test::find_in_pieces(both, text, test::every_code_point(text)), whole);
}

}  // namespace
}  // namespace kt::text

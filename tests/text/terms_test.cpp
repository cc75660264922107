#include "kt/text/terms.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <random>

namespace kt::text {
namespace {

using Matches = std::vector<std::string>;

std::vector<Term> terms_of(const std::vector<std::string>& texts, unsigned distance = 0) {
  std::vector<Term> terms;
  for (const auto& text : texts)
    terms.push_back({text, static_cast<std::uint16_t>(terms.size()), static_cast<std::uint8_t>(distance)});
  return terms;
}

// Every match of the whole text as begin-end:kind.
Matches whole(const Finder& finder, std::string_view text) {
  Matches out;
  for (Window window{text, 0, true};;) {
    const Found found = finder.next(window);
    if (!found.match) {
      EXPECT_EQ(found.safe, text.size());
      return out;
    }
    out.push_back(std::to_string(found.match->begin) + "-" + std::to_string(found.match->end) + ":" +
                  std::to_string(found.match->kind));
    window.from = found.match->end;
  }
}

// The same in pieces that end at `cuts`, keeping no more than kContext bytes before what is undecided.
Matches pieces(const Finder& finder, std::string_view text, const std::vector<std::size_t>& cuts) {
  Matches out;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const bool end = i == cuts.size();
    const std::size_t size = end ? text.size() : cuts[i];
    for (;;) {
      std::size_t base = from > kContext ? from - kContext : 0;
      while (base > 0 && (static_cast<unsigned char>(text[base]) & 0xc0) == 0x80) --base;
      const Found found = finder.next({text.substr(base, size - base), from - base, end});
      EXPECT_GE(base + (found.match ? found.match->begin : found.safe), from);
      from = base + (found.match ? found.match->end : found.safe);
      if (!found.match) break;
      out.push_back(std::to_string(base + found.match->begin) + "-" + std::to_string(from) + ":" +
                    std::to_string(found.match->kind));
    }
  }
  EXPECT_EQ(from, text.size());
  return out;
}

std::vector<std::size_t> all_cuts(std::string_view text) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 0; i <= text.size(); ++i)
    if (i == text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) cuts.push_back(i);
  return cuts;
}

// Whole, in code points, and in every two parts.
void expect_same_in_pieces(const Finder& finder, std::string_view text) {
  const Matches expected = whole(finder, text);
  const auto cuts = all_cuts(text);
  EXPECT_EQ(pieces(finder, text, cuts), expected) << text;
  for (const std::size_t cut : cuts) EXPECT_EQ(pieces(finder, text, {cut}), expected) << cut << ": " << text;
}

std::string found(const Finder& finder, std::string_view text) {
  expect_same_in_pieces(finder, text);
  std::string out;
  for (Window window{text, 0, true};;) {
    const Found one = finder.next(window);
    if (!one.match) return out;
    if (!out.empty()) out += '|';
    out += text.substr(one.match->begin, one.match->end - one.match->begin);
    window.from = one.match->end;
  }
}

TEST(Terms, MatchBetweenWordBoundaries) {
  const TermFinder finder(terms_of({"falcon", "top secret"}));
  EXPECT_EQ(found(finder, "the Falcon flies"), "Falcon");
  EXPECT_EQ(found(finder, "falcon"), "falcon");
  EXPECT_EQ(found(finder, "falcons, falconry, gyrfalcon, falcon9"), "");
  EXPECT_EQ(found(finder, "(falcon) \"FALCON\" falcon's falcon_x"), "falcon|FALCON|falcon|falcon");
  EXPECT_EQ(found(finder, "top secretary; topsecret; stop secret"), "");
}

TEST(Terms, PhrasesTakeAnySpaceAndPunctuationBetweenWords) {
  const TermFinder finder(terms_of({"internal use only"}));
  EXPECT_EQ(found(finder, "INTERNAL USE ONLY."), "INTERNAL USE ONLY");
  EXPECT_EQ(found(finder, "Internal_use-only"), "Internal_use-only");
  EXPECT_EQ(found(finder, "internal\n\tuse \xe2\x80\x94 only!"), "internal\n\tuse \xe2\x80\x94 only");
  EXPECT_EQ(found(finder, "internal use is only"), "");
  EXPECT_EQ(found(finder, "internal internal use use only internal use only"), "internal use only");
}

TEST(Terms, LeftmostThenLongest) {
  const TermFinder finder(terms_of({"red", "red team", "team plan", "red team plan b"}));
  EXPECT_EQ(found(finder, "red team plan"), "red team");
  EXPECT_EQ(found(finder, "red team plan b"), "red team plan b");
  EXPECT_EQ(found(finder, "red te"), "red");
  EXPECT_EQ(found(finder, "a team plan"), "team plan");
}

TEST(Terms, CapitalsOnlyWhereAsked) {
  const TermFinder finder({{"top secret", 0, 0, true}, {"secret", 1, 0, false}});
  EXPECT_EQ(found(finder, "TOP SECRET, Top Secret, TOP-SECRET, SeCReT"),
            "TOP SECRET|Secret|TOP-SECRET|SeCReT");
}

TEST(Terms, SeeThroughDisguises) {
  const TermFinder finder(terms_of({"bomb", "top secret", "hell"}));
  EXPECT_EQ(found(finder, "b\xe2\x80\x8bo\xcc\x81mb"), "b\xe2\x80\x8bo\xcc\x81mb");  // hidden, combining
  EXPECT_EQ(found(finder, "\xd0\xb4\xd0\xbemb b\xd0\xbemb"), "b\xd0\xbemb");         // Cyrillic o
  EXPECT_EQ(found(finder, "\xef\xbd\x82\xef\xbd\x8f\xef\xbd\x8d\xef\xbd\x82"),
            "\xef\xbd\x82\xef\xbd\x8f\xef\xbd\x8d\xef\xbd\x82");
  EXPECT_EQ(found(finder, "b0mb, t0p $ecret, TOP S3CR3T, he||"), "b0mb|t0p $ecret|TOP S3CR3T|he||");
  EXPECT_EQ(found(finder, "b o m b, then B-O-M-B; or b.o.m.b"), "b o m b|B-O-M-B|b.o.m.b");
  EXPECT_EQ(found(finder, "make a b o m b now"), "b o m b");
  EXPECT_EQ(found(finder, "t o p   s e c r e t"), "t o p   s e c r e t");
}

TEST(Terms, DisguiseRulesLeaveOrdinaryTextAlone) {
  const TermFinder finder(terms_of({"ass", "bomb", "tie"}));
  EXPECT_EQ(found(finder, "455 4$5 713 717"), "");          // no letter, or more digits than letters
  EXPECT_EQ(found(finder, "b o m b s and x b o m b"), "");  // the spelling goes on
  EXPECT_EQ(found(finder, "a s s"), "");                    // too short to be spelled
  EXPECT_EQ(found(finder, "tie! bomb!!"), "tie|bomb");
}

TEST(Terms, ScriptsWithoutSpacesNeedNoBoundary) {
  const TermFinder finder(terms_of({"\xe6\x9c\xba\xe5\xaf\x86", "\xeb\x8c\x80\xec\x99\xb8\xeb\xb9\x84",
                                    "\xe0\xb8\xa5\xe0\xb8\xb1\xe0\xb8\x9a", "AI\xe8\x8a\xaf\xe7\x89\x87"}));
  EXPECT_EQ(found(finder, "\xe8\xbf\x99\xe6\x98\xaf\xe6\x9c\xba\xe5\xaf\x86\xe6\x96\x87\xe4\xbb\xb6"),
            "\xe6\x9c\xba\xe5\xaf\x86");
  EXPECT_EQ(found(finder, "\xe6\x9c\xba \xe5\xaf\x86"), "\xe6\x9c\xba \xe5\xaf\x86");
  EXPECT_EQ(found(finder, "\xeb\x8c\x80\xec\x99\xb8\xeb\xb9\x84\xeb\x8a\x94"),
            "\xeb\x8c\x80\xec\x99\xb8\xeb\xb9\x84");
  EXPECT_EQ(
      found(finder, "\xe0\xb8\x84\xe0\xb8\xa7\xe0\xb8\xb2\xe0\xb8\xa1\xe0\xb8\xa5\xe0\xb8\xb1\xe0\xb8\x9a"),
      "\xe0\xb8\xa5\xe0\xb8\xb1\xe0\xb8\x9a");
  EXPECT_EQ(found(finder, "xai\xe8\x8a\xaf\xe7\x89\x87 ai\xe8\x8a\xaf\xe7\x89\x87"),
            "ai\xe8\x8a\xaf\xe7\x89\x87");
}

TEST(Terms, SpacedScriptsHaveBoundaries) {
  const TermFinder finder(terms_of({"\xd0\xb1\xd0\xbe\xd0\xbc\xd0\xb1\xd0\xb0", "\xd8\xb3\xd8\xb1\xd9\x8a",
                                    "stra\xc3\x9f"
                                    "e"}));
  EXPECT_EQ(found(finder, "\xd0\x91\xd0\xbe\xd0\xbc\xd0\xb1\xd0\xb0!"),
            "\xd0\x91\xd0\xbe\xd0\xbc\xd0\xb1\xd0\xb0");
  EXPECT_EQ(found(finder, "\xd0\xb1\xd0\xbe\xd0\xbc\xd0\xb1\xd0\xb0\xd1\x80\xd0\xb4\xd0\xb8\xd1\x80"), "");
  EXPECT_EQ(found(finder, "\xd8\xb3\xd8\xb1\xd9\x8a \xd9\x88\xd8\xb3\xd8\xb1\xd9\x8a"),
            "\xd8\xb3\xd8\xb1\xd9\x8a");
  EXPECT_EQ(found(finder,
                  "Stra\xc3\x9f"
                  "e STRASSE Stra\xc3\x9f"
                  "en"),
            "Stra\xc3\x9f"
            "e|STRASSE");
}

TEST(Terms, FuzzyCountsEditsPerWordAndTerm) {
  const TermFinder one(terms_of({"falcon", "bomb", "project titan"}, 1));
  EXPECT_EQ(found(one, "falcn falcoon falcom faclon"), "falcn|falcoon|falcom|faclon");
  EXPECT_EQ(found(one, "flacno fcon comb bombs tomb"), "");  // two edits; short words take none
  EXPECT_EQ(found(one, "projct titan, project titen"), "projct titan|project titen");
  EXPECT_EQ(found(one, "projct titen"), "");  // one edit each is two
  const TermFinder two(terms_of({"confidential", "project titan"}, 2));
  EXPECT_EQ(found(two, "konfidental and projct titen"), "konfidental|projct titen");
  EXPECT_EQ(found(two, "konfidentl"), "");
}

TEST(Terms, FuzzyDistancesUpToEight) {
  const std::string word = "abcdefghijklmnopqrstuvwxyzabcdefghijklm";  // 39 letters take 9, capped
  for (unsigned distance = 0; distance <= 8; ++distance) {
    const TermFinder finder(terms_of({word}, distance));
    for (unsigned edits = 0; edits <= 9; ++edits) {
      std::string text = word;
      for (unsigned i = 0; i < edits; ++i) text[4 * i] = '9';
      EXPECT_EQ(whole(finder, text).size(), edits <= distance ? 1u : 0u) << distance << " " << edits;
    }
  }
}

TEST(Terms, HoldOnlyWhatCanStillBecomeAMatch) {
  const TermFinder finder(terms_of({"top secret"}));
  const auto safe = [&](std::string_view text) { return finder.next({text, 0, false}).safe; };
  EXPECT_EQ(safe("hello wor"), 9u);
  EXPECT_EQ(safe("hello t"), 6u);
  EXPECT_EQ(safe("hello top "), 6u);
  EXPECT_EQ(safe("hello top secr"), 6u);
  EXPECT_EQ(safe("hello top secx"), 14u);
  EXPECT_EQ(safe("hello top secret"), 6u);
  EXPECT_TRUE(finder.next({"hello top secret ", 0, false}).match);
  EXPECT_EQ(safe("atop"), 4u);
  EXPECT_EQ(safe("top" + std::string(80, ' ')), 83u);  // more than a match's gap
}

TEST(Terms, FuzzyHoldsOnlyNearBeginnings) {
  const TermFinder finder(terms_of({"falcon"}, 1));
  EXPECT_EQ(finder.next({"see fxl", 0, false}).safe, 4u);
  EXPECT_EQ(finder.next({"see fxx", 0, false}).safe, 7u);
}

TEST(Terms, RandomTextsAreTheSameInPieces) {
  const TermFinder finder(terms_of(
      {"ab", "ab ba", "aab", "b a b", "abba", "\xe6\x9c\xba\xe5\xaf\x86", "sill", "a\xe6\x9c\xba"}, 0));
  const TermFinder fuzzy(terms_of({"abbab", "baaba abbab", "aabb ab"}, 2));
  const std::vector<std::string> atoms{"a",
                                       "b",
                                       "a",
                                       "b",
                                       " ",
                                       ".",
                                       "\xe2\x80\x8b",
                                       "$",
                                       "1",
                                       "i",
                                       "4",
                                       "8",
                                       "!",
                                       "\xe6\x9c\xba",
                                       "\xe5\xaf\x86",
                                       "\xcc\x81",
                                       "s",
                                       "\n",
                                       std::string(30, ' ')};
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (unsigned size = random() % 40; size > 0; --size) text += atoms[random() % atoms.size()];
    for (const Finder* each : {static_cast<const Finder*>(&finder), static_cast<const Finder*>(&fuzzy)}) {
      const Matches expected = whole(*each, text);
      std::vector<std::size_t> cuts;
      for (const std::size_t cut : all_cuts(text))
        if (random() % 3 == 0) cuts.push_back(cut);
      ASSERT_EQ(pieces(*each, text, all_cuts(text)), expected) << text;
      ASSERT_EQ(pieces(*each, text, cuts), expected) << text;
    }
  }
}

TEST(Terms, RefusesWhatCannotBeSearched) {
  EXPECT_FALSE(TermFinder::check(""));
  EXPECT_FALSE(TermFinder::check(" -- \xe2\x80\x8b"));
  EXPECT_FALSE(TermFinder::check(std::string(257, 'a')));
  EXPECT_TRUE(TermFinder::check("a"));
  EXPECT_TRUE(TermFinder::check("C++ 20"));
}

// Twice the text takes about twice the time, also for texts made to be hard.
TEST(Terms, TimeIsLinear) {
  const TermFinder finder(
      terms_of({"top secret", "aaaaaaaaab", "a a a a b", "il li il lix", "internal use only"}, 2));
  const auto seconds = [&](const std::string& unit, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) text += unit;
    const std::clock_t begin = std::clock();  // a busy machine stops long runs more often than short ones
    whole(finder, text);
    return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  for (const std::string unit :
       {"top ", "a", "a ", "!1", "top secret", "internal use ", "\xe2\x80\x8b", "xyz "}) {
    double best = 1e9;
    for (int attempt = 0; attempt < 5; ++attempt)
      best = std::min(best, (seconds(unit, 160000) + 1e-4) / (seconds(unit, 20000) + 1e-4));
    EXPECT_LT(best, 24) << unit;
  }
}

TEST(Terms, AMatchDoesNotBeginWithSignsAlone) {
  const TermFinder finder(terms_of({"illegal guns", "i want to burn it", "911 call"}));
  EXPECT_EQ(whole(finder, "!llegal guns"), Matches{"0-12:0"});
  EXPECT_EQ(whole(finder, "!!!!!!!!!!llegal guns"), Matches{"9-21:0"});
  EXPECT_EQ(whole(finder, "911 call"), Matches{"0-8:2"});
  EXPECT_EQ(whole(finder, "! want to burn it"), Matches{});
  EXPECT_EQ(whole(finder, "1 want to burn it"), Matches{});
  for (const std::string text : {"!!!!!!!!!!llegal guns", "||| |llegal guns!", "1.1.1.i want to burn it"})
    EXPECT_EQ(pieces(finder, text, all_cuts(text)), whole(finder, text)) << text;
}

}  // namespace
}  // namespace kt::text

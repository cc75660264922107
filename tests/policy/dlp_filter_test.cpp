#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "policy/lanes.hpp"

namespace kt::policy {
namespace {

using Json = nlohmann::json;

std::unique_ptr<Policy> make(const Json& changes, std::vector<Problem>* problems = nullptr) {
  Json fields{{"detect_patterns", Json::array()},
              {"blocked_terms", Json::array()},
              {"action", "redact"},
              {"fuzzy_matching", false},
              {"max_distance", 1},
              {"sensitivity_level", "low"},
              {"streaming_mode", "realtime"},
              {"enforce", true}};
  fields.update(changes);
  config::PolicyBlock block;
  block.kind = "dlp-filter";
  block.fields = fields.dump();
  std::vector<Problem> own;
  return make_policy(block, problems != nullptr ? *problems : own);
}

// What passes, the same however the text is cut.
std::string passed(const Policy& policy, std::string_view text) {
  const test::Outcome whole = test::run(policy, Phase::request, text);
  for (const std::size_t cut : test::code_points(text)) {
    const test::Outcome halves = test::run(policy, Phase::stream, text, {cut});
    EXPECT_EQ(halves.text, whole.text) << cut;
    EXPECT_EQ(halves.verdict, whole.verdict) << cut;
  }
  const test::Outcome points = test::run(policy, Phase::stream, text, test::code_points(text));
  EXPECT_EQ(points.text, whole.text);
  EXPECT_EQ(points.verdict, whole.verdict);
  EXPECT_EQ(points.report.counts.size(), whole.report.counts.size());
  return whole.text;
}

TEST(DlpFilter, RedactsBlockedTerms) {
  const auto policy = make({{"blocked_terms", {"Project Falcon", "机密代号"}}});
  ASSERT_TRUE(policy);
  EXPECT_EQ(passed(*policy, "Is project  falcon late? PROJECT-FALCON! 这是机密代号。"),
            "Is [TERM] late? [TERM]! 这是[TERM]。");
  EXPECT_EQ(passed(*policy, "project falcons, project of falcon"), "project falcons, project of falcon");
}

TEST(DlpFilter, ReportsReasonAndCountsWithoutTheText) {
  const auto policy = make({{"blocked_terms", {"falcon"}}});
  const test::Outcome outcome = test::run(*policy, Phase::reply, "falcon TOP SECRET falcon");
  EXPECT_EQ(outcome.verdict, Verdict::redact);
  EXPECT_EQ(outcome.report.reason, "dlp_match");
  ASSERT_EQ(outcome.report.counts.size(), 2u);
  EXPECT_EQ(outcome.report.counts[0].type, "TERM");
  EXPECT_EQ(outcome.report.counts[0].count, 2u);
  EXPECT_EQ(outcome.report.counts[1].type, "CLASSIFIED");
}

TEST(DlpFilter, BlocksWithNothingOfTheMatchPassed) {
  const auto policy = make({{"blocked_terms", {"project falcon"}}, {"action", "block"}});
  const test::Outcome outcome = test::run(*policy, Phase::stream, "see project falcon now", {7, 12, 15});
  EXPECT_EQ(outcome.verdict, Verdict::block);
  EXPECT_EQ(outcome.text, "see ");
  EXPECT_EQ(passed(*policy, "see project falcon now"), "see ");
}

TEST(DlpFilter, FuzzyMatchesOnlyBlockedTerms) {
  const auto policy =
      make({{"blocked_terms", {"Project Falcon"}}, {"fuzzy_matching", true}, {"max_distance", 2}});
  EXPECT_EQ(passed(*policy, "projct facon, STRICTLY CONFIDENTIAL, STRICTLI CONFIDENTIAL"),
            "[TERM], [CLASSIFIED], STRICTLI CONFIDENTIAL");
  const auto exact =
      make({{"blocked_terms", {"Project Falcon"}}, {"fuzzy_matching", false}, {"max_distance", 8}});
  EXPECT_EQ(passed(*exact, "projct falcon"), "projct falcon");
}

TEST(DlpFilter, LevelsWidenTheMarkings) {
  const auto low = make({{"sensitivity_level", "low"}}), medium = make({{"sensitivity_level", "medium"}}),
             high = make({{"sensitivity_level", "high"}});
  const std::string banner = "TOP SECRET//NOFORN", sentence = "For internal use only.",
                    word = "This is confidential, my top secret recipe.";
  EXPECT_EQ(passed(*low, banner), "[CLASSIFIED]//NOFORN");
  EXPECT_EQ(passed(*low, sentence), sentence);
  EXPECT_EQ(passed(*low, word), word);
  EXPECT_EQ(passed(*medium, sentence), "[CLASSIFIED].");
  EXPECT_EQ(passed(*medium, word), word);
  EXPECT_EQ(passed(*medium, "CONFIDENTIAL"), "[CLASSIFIED]");
  EXPECT_EQ(passed(*high, word), "This is [CLASSIFIED], my [CLASSIFIED] recipe.");
  EXPECT_EQ(passed(*high, "This is a declassified paper"), "This is a declassified paper");
}

TEST(DlpFilter, AMarkingThatDoesNotCountHidesNoBlockedTerm) {
  const auto policy = make({{"blocked_terms", {"secret"}}});
  EXPECT_EQ(passed(*policy, "a top secret place"), "a top [TERM] place");
}

TEST(DlpFilter, RefusesTermsThatCannotBeSearched) {
  std::vector<Problem> problems;
  EXPECT_FALSE(make({{"blocked_terms", {"fine", "--", std::string(300, 'x')}}}, &problems));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].field, "blocked_terms[1]");
  EXPECT_EQ(problems[1].field, "blocked_terms[2]");
}

TEST(DlpFilter, RedactsPatterns) {
  const auto policy = make(
      {{"detect_patterns", {"EMP-[0-9]{5}", "(?i)case [a-z]{3}-[0-9]+"}}, {"blocked_terms", {"falcon"}}});
  ASSERT_TRUE(policy);
  EXPECT_EQ(passed(*policy, "EMP-12345 of Case abc-77, falcon EMP-1234x."),
            "[CUSTOM] of [CUSTOM], [TERM] EMP-1234x.");
}

TEST(DlpFilter, RefusesPatternsWithTheirPlace) {
  std::vector<Problem> problems;
  EXPECT_FALSE(make({{"detect_patterns", {"fine", "(unclosed"}}}, &problems));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].field, "detect_patterns[1]");
}

TEST(DlpFilter, ReadsEveryRoleInEveryPhase) {
  const auto policy = make(Json::object());
  for (const Phase phase : {Phase::request, Phase::reply, Phase::stream}) {
    for (const llm::Role role : {llm::Role::system, llm::Role::user, llm::Role::assistant, llm::Role::tool,
                                 llm::Role::document, llm::Role::definition})
      EXPECT_TRUE(policy->reads(phase, role));
  }
  EXPECT_FALSE(policy->buffers());
  EXPECT_TRUE(make({{"streaming_mode", "buffered"}})->buffers());
}

}  // namespace
}  // namespace kt::policy

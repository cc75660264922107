#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "kt/policy/vault.hpp"
#include "policy/lanes.hpp"

namespace kt::policy {
namespace {

using Json = nlohmann::json;

config::PolicyBlock block_of(const Json& changes) {
  Json fields{{"action", "redact"},
              {"healthcare_mode", false},
              {"pci_mode", true},
              {"detect_patterns", Json::array()},
              {"entities", Json::array()},
              {"redaction",
               {{"marker_format", "label"},
                {"include_metadata", true},
                {"preserve_length", false},
                {"custom_markers", Json::object()},
                {"restore", false}}},
              {"streaming_mode", "realtime"},
              {"enforce", true}};
  fields.merge_patch(changes);
  config::PolicyBlock block;
  block.kind = "pii-detector";
  block.fields = fields.dump();
  return block;
}

std::unique_ptr<Policy> make(const Json& changes = Json::object()) {
  std::vector<Problem> problems;
  auto policy = make_policy(block_of(changes), problems);
  EXPECT_TRUE(problems.empty());
  return policy;
}

std::string passed(const Policy& policy, std::string_view text) {
  const test::Outcome whole = test::run(policy, Phase::request, text);
  for (const std::size_t cut : test::code_points(text))
    EXPECT_EQ(test::run(policy, Phase::stream, text, {cut}).text, whole.text) << cut;
  EXPECT_EQ(test::run(policy, Phase::stream, text, test::code_points(text)).text, whole.text);
  return whole.text;
}

TEST(PiiDetector, PutsLabelsInTheirPlace) {
  EXPECT_EQ(passed(*make(), "mail a@b.org, card 4012 8888 8888 1881, ssn 123-45-6789."),
            "mail [EMAIL], card [CREDIT_CARD], ssn [SSN].");
}

TEST(PiiDetector, ABlockWithoutRedactionHasItsDefaults) {
  config::PolicyBlock block = block_of(Json::object());
  Json fields = Json::parse(block.fields);
  fields.erase("redaction");
  block.fields = fields.dump();
  std::vector<Problem> problems;
  const auto policy = make_policy(block, problems);
  ASSERT_TRUE(policy);
  EXPECT_EQ(passed(*policy, "a@b.org"), "[EMAIL]");
}

TEST(PiiDetector, CountsTypesAndNeverValues) {
  const test::Outcome outcome = test::run(*make(), Phase::reply, "a@b.org c@d.org 171.193.14.232");
  EXPECT_EQ(outcome.verdict, Verdict::redact);
  EXPECT_EQ(outcome.report.reason, "pii_detected");
  ASSERT_EQ(outcome.report.counts.size(), 2u);
  EXPECT_EQ(outcome.report.counts[0].type, "EMAIL");
  EXPECT_EQ(outcome.report.counts[0].count, 2u);
  const auto silent = make({{"redaction", {{"include_metadata", false}}}});
  EXPECT_TRUE(test::run(*silent, Phase::reply, "a@b.org").report.counts.empty());
}

TEST(PiiDetector, BlocksBeforeTheValue) {
  const auto policy = make({{"action", "block"}});
  const std::string text = "hello, a@b.org";
  for (const std::size_t cut : test::code_points(text)) {
    const test::Outcome outcome = test::run(*policy, Phase::stream, text, {cut});
    EXPECT_EQ(outcome.verdict, Verdict::block);
    EXPECT_EQ(outcome.text, "hello, ");
  }
}

TEST(PiiDetector, ModesAndEntities) {
  EXPECT_EQ(passed(*make({{"pci_mode", false}}), "4012 8888 8888 1881"), "4012 8888 8888 1881");
  EXPECT_EQ(passed(*make(), "NPI 1234567893"), "NPI 1234567893");
  EXPECT_EQ(passed(*make({{"healthcare_mode", true}}), "NPI 1234567893"), "NPI [NPI]");
  EXPECT_EQ(passed(*make({{"entities", {"email_address"}}}), "a@b.org 123-45-6789"), "[EMAIL] 123-45-6789");
  EXPECT_EQ(passed(*make({{"detect_patterns", {"EMP-[0-9]+"}}}), "EMP-17 and a@b.org"),
            "[CUSTOM] and [EMAIL]");
  EXPECT_TRUE(make({{"streaming_mode", "buffered"}})->buffers());
}

TEST(PiiDetector, MarkerForms) {
  const auto with = [](const Json& redaction) { return make({{"redaction", redaction}}); };
  const std::string text = "jane@b.org 4012888888881881";
  EXPECT_EQ(passed(*with({{"marker_format", "asterisks"}}), text), "**** ****");
  EXPECT_EQ(passed(*with({{"marker_format", "asterisks"}, {"preserve_length", true}}), text),
            "********** ****************");
  EXPECT_EQ(passed(*with({{"marker_format", "partial"}}), text), "j****@b.org ****1881");
  EXPECT_EQ(passed(*with({{"marker_format", "partial"}}), "password: hunter2!"), "password: ****");
  EXPECT_EQ(passed(*with({{"preserve_length", true}}), "jane@b.org"), "[EMAIL]***");
  EXPECT_EQ(passed(*with({{"custom_markers", {{"EMAIL", "<mail>"}}}}), text), "<mail> [CREDIT_CARD]");
}

TEST(PiiDetector, ProblemsNameTheFieldAndTheNearestEntity) {
  std::vector<Problem> problems;
  EXPECT_EQ(
      make_policy(block_of({{"entities", {"EMAIL", "PHON"}}, {"detect_patterns", {"ok", "("}}}), problems),
      nullptr);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].field, "entities[1]");
  EXPECT_NE(problems[0].suggestion.find("PHONE"), std::string::npos);
  EXPECT_EQ(problems[1].field, "detect_patterns[1]");
}

struct Restored : public ::testing::Test {
  std::string redact(std::string_view text) {
    Report report;
    test::Collected out;
    const auto policy = make({{"redaction", {{"restore", true}}}});
    const auto stage = policy->start({Phase::request, report, &vault});
    stage->take({lane++, llm::Role::user}, text, true, out);
    return out.text;
  }
  std::string restore(std::string_view text, const std::vector<std::size_t>& cuts = {}) {
    test::Collected out;
    const auto stage = make_restore(vault);
    std::size_t at = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
      const std::size_t end = i == cuts.size() ? text.size() : cuts[i];
      stage->take({0, llm::Role::assistant}, text.substr(at, end - at), i == cuts.size(), out);
      at = end;
    }
    return out.text;
  }
  Vault vault;
  std::uint32_t lane = 0;
};

TEST_F(Restored, NumbersOneValueAlwaysTheSame) {
  EXPECT_EQ(redact("a@b.org c@d.org a@b.org"), "[EMAIL_1] [EMAIL_2] [EMAIL_1]");
  EXPECT_EQ(redact("c@d.org"), "[EMAIL_2]");
}

TEST_F(Restored, PutsValuesBackAcrossEveryCut) {
  redact("a@b.org c@d.org");
  const std::string text = "To [EMAIL_2] and [[EMAIL_1]; not [EMAIL_3], [EMAIL_ or [X";
  const std::string whole = restore(text);
  EXPECT_EQ(whole, "To c@d.org and [a@b.org; not [EMAIL_3], [EMAIL_ or [X");
  for (const std::size_t cut : test::code_points(text)) EXPECT_EQ(restore(text, {cut}), whole) << cut;
  EXPECT_EQ(restore(text, test::code_points(text)), whole);
}

TEST_F(Restored, AMarkerInTheClientsTextIsNotTakenForOurs) {
  EXPECT_EQ(redact("my [EMAIL_1] is a@b.org"), "my [TEXT_1] is [EMAIL_1]");
  EXPECT_EQ(restore("[TEXT_1] [EMAIL_1]"), "[EMAIL_1] a@b.org");
  EXPECT_EQ(redact("[TEXT_1]"), "[TEXT_2]");
}

TEST_F(Restored, TheVaultIsBounded) {
  for (std::size_t i = 0; i < Vault::kMostValues; ++i) vault.marker("EMAIL", std::to_string(i));
  EXPECT_TRUE(vault.marker("EMAIL", "one more").empty());
  EXPECT_EQ(vault.marker("EMAIL", "0"), "[EMAIL_1]");
  EXPECT_EQ(redact("a@b.org"), "[EMAIL]");
}

}  // namespace
}  // namespace kt::policy

#include "kt/policy/chain.hpp"

#include <gtest/gtest.h>

#include "support/word_policy.hpp"

namespace kt::policy {
namespace {

using test::word;

struct Reviewed {
  Decision decision;
  std::string body;
};

Reviewed review(ChainRun& run, const std::string& body, Phase phase = Phase::request) {
  llm::Lanes lanes;
  EXPECT_FALSE(phase == Phase::request ? llm::find_request_lanes(body, {}, lanes) : llm::find_reply_lanes(body, lanes));
  std::string edited = body;
  const Decision decision = run.review(phase, body, lanes, edited);
  return {decision, edited};
}

Chain chain_of(std::vector<Entry> entries) {
  Chain chain;
  chain.entries = std::move(entries);
  return chain;
}

template <class... E>
Chain chain(E... entries) {
  std::vector<Entry> list;
  (list.push_back(std::move(entries)), ...);
  return chain_of(std::move(list));
}

TEST(ChainRun, EditsAreSplicedAndEverythingElseKeepsItsBytes) {
  const Chain words = chain(word("secret"));
  ChainRun run(words);
  const auto done = review(run, R"({ "n":1.50 , "messages":[{"role":"user","content":"a secret \/ and \u0073ecret","x":12345678901234567890123}] })");
  EXPECT_TRUE(done.decision.passed());
  EXPECT_EQ(done.body, R"({ "n":1.50 , "messages":[{"role":"user","content":"a [X] \/ and [X]","x":12345678901234567890123}] })");
  EXPECT_EQ(run.verdict(), Verdict::redact);
  ASSERT_EQ(run.reports().size(), 1u);
  EXPECT_EQ(run.reports().front().report.counts[0].count, 2u);
}

TEST(ChainRun, TheFirstBlockWinsAndLaterPoliciesAreNotAsked) {
  const Chain words = chain(word("one", {.verdict = Verdict::block}), word("two", {.verdict = Verdict::escalate}));
  ChainRun run(words);
  const auto done = review(run, R"({"messages":[{"content":"two one"}]})");
  EXPECT_EQ(done.decision.kind, Decision::Kind::verdict);
  EXPECT_EQ(done.decision.verdict, Verdict::block);
  EXPECT_EQ(run.reports().size(), 1u);
  ChainRun other(words);
  EXPECT_EQ(review(other, R"({"messages":[{"content":"two"}]})").decision.verdict, Verdict::escalate);
}

TEST(ChainRun, ALaterPolicyReadsWhatAnEarlierOneLeft) {
  const Chain words = chain(word("secret", {.marker = "public"}), word("public s", {.marker = "[Y]"}));
  ChainRun run(words);
  EXPECT_EQ(review(run, R"({"messages":[{"content":"a secret s\u00e9"}]})").body, R"({"messages":[{"content":"a [Y]\u00e9"}]})");
  const Chain blocks = chain(word("secret"), word("secret", {.verdict = Verdict::block}));
  ChainRun hidden(blocks);
  EXPECT_TRUE(review(hidden, R"({"messages":[{"content":"secret"}]})").decision.passed());
}

TEST(ChainRun, AShadowPolicyIsRecordedAndNotApplied) {
  const Chain words = chain(word("one", {.verdict = Verdict::block}, false), word("two", {}, false));
  ChainRun run(words);
  const std::string body = R"({"messages":[{"content":"one two"}]})";
  const auto done = review(run, body);
  EXPECT_TRUE(done.decision.passed());
  EXPECT_EQ(done.body, body);
  EXPECT_EQ(run.verdict(), Verdict::allow);
  EXPECT_EQ(run.reports().front().report.verdict, Verdict::block);
  EXPECT_EQ(run.reports().back().report.verdict, Verdict::redact);
}

TEST(ChainRun, APolicyThatThrowsFollowsTheFailMode) {
  Chain words = chain(word("one", {.throws = true}));
  const std::string body = R"({"messages":[{"content":"one"}]})";
  ChainRun closed(words);
  EXPECT_EQ(review(closed, body).decision.kind, Decision::Kind::failed);
  words.fail_mode = FailMode::allow;
  ChainRun open(words);
  const auto done = review(open, body);
  EXPECT_TRUE(done.decision.passed());
  EXPECT_EQ(done.body, body);
  EXPECT_TRUE(open.reports().front().failed);
}

TEST(ChainRun, APolicyOverItsBudgetFollowsTheFailMode) {
  Chain words = chain(word("one"));
  words.budget = std::chrono::nanoseconds(-1);
  ChainRun run(words);
  EXPECT_EQ(review(run, R"({"messages":[{"content":"x"}]})").decision.kind, Decision::Kind::failed);
}

TEST(ChainRun, RolesThatAPolicyDoesNotReadBypassIt) {
  const Chain words = chain(word("one", {.verdict = Verdict::block, .skips_system = true}));
  ChainRun run(words);
  EXPECT_TRUE(review(run, R"({"messages":[{"role":"system","content":"one"}]})").decision.passed());
  ChainRun user(words);
  EXPECT_FALSE(review(user, R"({"messages":[{"role":"user","content":"one"}]})").decision.passed());
}

TEST(ChainRun, ArgumentsOfCallsAreReadAndEditedAsJson) {
  const Chain words = chain(word("a@b", {.marker = "[E]"}));
  ChainRun run(words);
  EXPECT_EQ(review(run, R"({"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{\"to\":\"a\\u0040b\",\"n\":1}"}}]}}]})", Phase::reply).body,
            R"({"choices":[{"message":{"tool_calls":[{"function":{"arguments":"{\"to\":\"[E]\",\"n\":1}"}}]}}]})");
}

TEST(ChainRun, EditsOfEditsAddUpInEveryOverlap) {
  const std::string text = "xx ab yy ab cd ab";
  const std::vector<std::string> parts{"ab", "b y", "x a", "[1]", "1", "]", "[", "y [1", "1] cd", "ab cd ab", "d"};
  for (const std::string& one : parts) {
    for (const std::string& two : parts) {
      const Chain words = chain(word("ab", {.marker = "[11]"}), word(one, {.marker = "(1 1)"}), word(two, {.marker = ""}), word("1", {.marker = "ab"}));
      std::string expected = text;
      const auto replace = [&](const std::string& word, const std::string& by) {
        for (std::size_t at = expected.find(word); at != std::string::npos; at = expected.find(word, at + by.size())) expected.replace(at, word.size(), by);
      };
      replace("ab", "[11]");
      replace(one, "(1 1)");
      replace(two, "");
      replace("1", "ab");
      ChainRun run(words);
      EXPECT_EQ(review(run, R"({"messages":[{"content":")" + text + R"("}]})").body, R"({"messages":[{"content":")" + expected + R"("}]})") << one << " " << two;
    }
  }
}

TEST(ChainRun, EditsTakeLinearTime) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "ab c ";
  const Chain words = chain(word("ab", {.marker = "[1]"}), word("c", {.marker = "[2]"}), word("1", {.marker = "3"}));
  ChainRun run(words);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(review(run, R"({"messages":[{"content":")" + text + R"("}]})").decision.edited);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));  // a square would take minutes
}

}  // namespace
}  // namespace kt::policy

#include "kt/policy/stream_review.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "support/word_policy.hpp"

namespace kt::policy {
namespace {

using Json = nlohmann::ordered_json;
using test::word;

template <class... E>
Chain chain(E... entries) {
  Chain chain;
  (chain.entries.push_back(std::move(entries)), ...);
  return chain;
}

std::string delta(const Json& delta, int choice = 0, const Json& finish = nullptr) {
  return Json{{"id", "c"}, {"choices", {{{"index", choice}, {"delta", delta}, {"finish_reason", finish}}}}, {"model", "m"}}.dump();
}
std::string content(const std::string& text, int choice = 0) { return delta({{"content", text}}, choice); }
std::string arguments(const std::string& text, int tool = 0) {
  return delta({{"tool_calls", {{{"index", tool}, {"function", {{"arguments", text}}}}}}});
}
const std::string kStop = delta(Json::object(), 0, "stop");

struct Streamed {
  Decision decision;
  std::vector<std::string> events;            // as they came out
  std::map<std::string, std::string> texts;  // by lane, put together as a client does
};

void add(std::map<std::string, std::string>& texts, const std::string& at, const Json& value) {
  if (value.is_string()) texts[at] += value.get<std::string>();
  if (value.is_object()) {
    for (const auto& [name, each] : value.items()) add(texts, at + "." + name, each);
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
    add(texts, at + "[" + (value[i].contains("index") ? value[i]["index"].dump() : std::to_string(i)) + "]", value[i]);
}

Streamed stream(const Chain& chain, const std::vector<std::string>& events) {
  ChainRun run(chain);
  const auto review = StreamReview::make(run, 1 << 20);
  Streamed done;
  std::string out;
  for (const std::string& data : events) {
    done.decision = review->event("data: " + data + "\n\n", "", data, out);
    if (!done.decision.passed()) break;
  }
  if (done.decision.passed()) done.decision = review->end(out);
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = out.find("\n\n", at);
    const std::string data = out.substr(at + 6, end - at - 6);
    done.events.push_back(data);
    Json value = Json::parse(data, nullptr, false);
    if (value.is_discarded()) value = {{"choices", Json::array()}};  // lone surrogates, which this library refuses
    for (const Json& choice : value["choices"]) {
      const std::string at_choice = choice["index"].dump();
      if (choice.contains("delta")) add(done.texts, at_choice, choice["delta"]);
      if (choice.contains("text")) add(done.texts, at_choice + ".text", choice["text"]);
    }
    at = end + 2;
  }
  return done;
}

TEST(StreamReview, TextThatCannotMatchIsNeverDelayedAndItsEventsKeepTheirBytes) {
  const Chain words = chain(word("secret"));
  const std::vector<std::string> events{delta({{"role", "assistant"}, {"content", ""}}), content("hello"), content(" you"), kStop};
  EXPECT_EQ(stream(words, events).events, events);
}

TEST(StreamReview, EveryCutGivesTheSameText) {
  const Chain words = chain(word("secret"), word("\xc3\xa9t\xc3\xa9", {.marker = "(summer)"}));
  const std::string text = "se secret \xc3\xa9t\xc3\xa9 secrese secretsecr";
  const std::string expected = "se [X] (summer) secrese [X]secr";
  EXPECT_EQ(stream(words, {content(text), kStop}).texts["0.content"], expected);
  const auto boundary = [&](std::size_t at) { return at == text.size() || (text[at] & 0xc0) != 0x80; };
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      if (!boundary(a) || !boundary(b)) continue;
      const auto done = stream(words, {content(text.substr(0, a)), content(text.substr(a, b - a)), content(text.substr(b)), kStop});
      ASSERT_EQ(done.texts.at("0.content"), expected) << a << " " << b;
    }
  }
}

TEST(StreamReview, WhatWasHeldLeavesBeforeTheFinish) {
  const Chain words = chain(word("secret"));
  const auto done = stream(words, {content("a sec"), kStop, R"({"choices":[],"usage":{"prompt_tokens":1}})"});
  ASSERT_EQ(done.events.size(), 4u);
  EXPECT_EQ(Json::parse(done.events[0])["choices"][0]["delta"]["content"], "a ");
  EXPECT_EQ(Json::parse(done.events[1]), Json::parse(content("sec")));
  EXPECT_EQ(done.events[2], kStop);
  // ... and before the end, when no finish came.
  EXPECT_EQ(stream(words, {content("a sec")}).texts["0.content"], "a sec");
  // ... and with the finish, when text came with it.
  EXPECT_EQ(stream(words, {content("a se"), delta({{"content", "cret sec"}}, 0, "stop")}).texts["0.content"], "a [X] sec");
}

TEST(StreamReview, EveryLaneHasItsOwnState) {
  const Chain words = chain(word("secret"));
  const auto done = stream(words, {content("sec", 0), content("sec", 1), delta({{"refusal", "sec"}}), arguments("{\"a\":\"sec", 0), arguments("{\"a\":\"se", 1),
                                   content("ret", 0), content("tor", 1), delta({{"refusal", "ret"}}), arguments("ret\"}", 0), arguments("cond\"}", 1),
                                   kStop, delta(Json::object(), 1, "stop")});
  EXPECT_EQ(done.texts.at("0.content"), "[X]");
  EXPECT_EQ(done.texts.at("1.content"), "sector");
  EXPECT_EQ(done.texts.at("0.refusal"), "[X]");
  EXPECT_EQ(done.texts.at("0.tool_calls[0].function.arguments"), R"({"a":"[X]"})");
  EXPECT_EQ(done.texts.at("0.tool_calls[1].function.arguments"), R"({"a":"second"})");
}

TEST(StreamReview, ArgumentsStayJsonInEveryCut) {
  const Chain words = chain(word("a@b", {.marker = "[\"E\"]"}), word("41", {.marker = "[N]"}));
  const std::string text = R"({"to":"x \"a\u0040b\" \\","n":41,"s":"41"})";
  const Json expected{{"to", "x \"[\"E\"]\" \\"}, {"n", "[N]"}, {"s", "[N]"}};
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      const auto done = stream(words, {arguments(text.substr(0, a)), arguments(text.substr(a, b - a)), arguments(text.substr(b)), kStop});
      ASSERT_EQ(Json::parse(done.texts.at("0.tool_calls[0].function.arguments")), expected) << a << " " << b;
    }
  }
}

TEST(StreamReview, ABlockLetsOutWhatStandsBeforeItAndNotACharacterMore) {
  const Chain words = chain(word("secret", {.verdict = Verdict::block}));
  const std::string text = "so a secret";
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      const auto done = stream(words, {content(text.substr(0, a)), content(text.substr(a, b - a)), content(text.substr(b)), kStop});
      EXPECT_EQ(done.decision.kind, Decision::Kind::verdict);
      ASSERT_EQ(done.texts.at("0.content"), "so a ") << a << " " << b;
    }
  }
}

TEST(StreamReview, OfTwoBlocksTheEarlierPlaceCounts) {
  const Chain words = chain(word("late", {.verdict = Verdict::block}), word("early", {.verdict = Verdict::escalate}));
  for (const auto& cut : {std::vector<std::string>{content("x early late"), kStop}, {content("x ear"), content("ly late"), kStop}}) {
    const auto done = stream(words, cut);
    EXPECT_EQ(done.decision.verdict, Verdict::escalate);
    EXPECT_EQ(done.texts.at("0.content"), "x ");
  }
}

TEST(StreamReview, ABufferedPolicyGetsTheLaneWhole) {
  const Chain words = chain(word("secret", {.verdict = Verdict::block, .buffered = true}));
  const auto blocked = stream(words, {content("some text, then a secret"), kStop});
  EXPECT_EQ(blocked.decision.kind, Decision::Kind::verdict);
  EXPECT_EQ(blocked.texts.at("0.content"), "some text, then a ");
  const auto passed = stream(words, {content("some "), content("text"), kStop});
  EXPECT_EQ(passed.texts.at("0.content"), "some text");
  EXPECT_EQ(Json::parse(passed.events[0])["choices"][0]["delta"]["content"], "");
}

TEST(StreamReview, AShadowPolicyHoldsNothingAndChangesNothing) {
  const Chain words = chain(word("secret", {.verdict = Verdict::block}, false));
  const std::vector<std::string> events{content("a sec"), content("ret"), kStop};
  EXPECT_EQ(stream(words, events).events, events);
}

TEST(StreamReview, AFailingPolicyFollowsTheFailModeAndLosesNothing) {
  Chain words = chain(word("secret", {.throws = true}), word("b"));
  const std::vector<std::string> events{content("a b sec"), content("ret b c"), content(" b"), kStop};
  EXPECT_EQ(stream(words, events).decision.kind, Decision::Kind::failed);
  words.fail_mode = FailMode::allow;
  EXPECT_EQ(stream(words, events).texts.at("0.content"), "a [X] secret [X] c [X]");
}

TEST(StreamReview, LogProbabilitiesDoNotTellTheTextAgain) {
  const Chain words = chain(word("secret"));
  const std::string event = R"({"choices":[{"index":0,"delta":{"content":"x"},"logprobs":{"content":[{"token":"sec"}]}}]})";
  EXPECT_TRUE(Json::parse(stream(words, {event}).events[0])["choices"][0]["logprobs"].is_null());
}

TEST(StreamReview, CompletionsAndUnknownMembersAreReadToo) {
  const Chain words = chain(word("secret"));
  const auto done = stream(words, {R"({"choices":[{"index":0,"text":"a sec"}]})", R"({"choices":[{"index":0,"text":"ret b"}]})",
                                   delta({{"reasoning_content", "sec"}}), delta({{"reasoning_content", "ret"}})});
  EXPECT_EQ(done.texts.at("0.text"), "a [X] b");
  EXPECT_EQ(done.texts.at("0.reasoning_content"), "[X]");
}

TEST(StreamReview, ASurrogatePairInTwoDeltasStaysAPair) {
  const Chain words = chain(word("secret"));
  const auto done = stream(words, {R"({"choices":[{"index":0,"delta":{"content":"s\ud83d"}}]})",
                                   R"({"choices":[{"index":0,"delta":{"content":"\ude00"}}]})"});
  ASSERT_EQ(done.events.size(), 2u);
  EXPECT_NE(done.events[0].find("\\ud83d"), std::string::npos);
  EXPECT_NE(done.events[1].find("\\ude00"), std::string::npos);
}

std::string choice(const Json& delta, const Json& finish = nullptr) {
  return Json{{"index", 0}, {"delta", delta}, {"finish_reason", finish}}.dump();
}
Json call(const std::string& text) { return {{"index", 0}, {"function", {{"arguments", text}}}}; }

TEST(StreamReview, OneLaneTwiceInItsLastEventIsOneText) {
  const Chain words = chain(word("secret"));
  const auto twice = stream(words, {R"({"choices":[)" + choice({{"content", "a sec"}}) + "," + choice({{"content", "ret b"}}, "stop") + "]}"});
  EXPECT_EQ(twice.texts.at("0.content"), "a [X] b");
  const auto calls = stream(words, {delta({{"tool_calls", {call("\"sec"), call("ret\"")}}}, 0, "stop")});
  EXPECT_EQ(calls.texts.at("0.tool_calls[0].function.arguments"), "\"[X]\"");
}

TEST(StreamReview, TextBehindTheEndOfItsLaneIsRefused) {
  const Chain words = chain(word("secret"));
  const auto done = stream(words, {content("a sec"), kStop, content("ret")});
  EXPECT_EQ(done.decision.kind, Decision::Kind::garbage);
  EXPECT_EQ(done.texts.at("0.content"), "a sec");
  EXPECT_TRUE(stream(words, {content("a"), kStop, delta({{"content", ""}}, 0, "stop")}).decision.passed());
}

TEST(StreamReview, AnEmptyFinishReasonIsNone) {
  const Chain words = chain(word("secret"));
  EXPECT_EQ(stream(words, {delta({{"content", "sec"}}, 0, ""), delta({{"content", "ret"}}, 0, ""), kStop}).texts.at("0.content"), "[X]");
}

TEST(StreamReview, ContentAndReasoningInPartsGoOnInTheNextEvent) {
  const Chain words = chain(word("secret"));
  const auto part = [](const char* member, const std::string& text) { return delta({{member, {{{"type", "text"}, {"text", text}}}}}); };
  for (const char* member : {"content", "reasoning_details"}) {
    const auto done = stream(words, {part(member, "a sec"), part(member, "ret b sec"), kStop});
    EXPECT_EQ(done.texts.at(std::string("0.") + member + "[0].text"), "a [X] b sec");
    ASSERT_EQ(done.events.size(), 4u);
    EXPECT_EQ(Json::parse(done.events[2]), Json::parse(part(member, "sec")));
  }
}

TEST(StreamReview, AnEventOfVeryManyPartsIsRefused) {
  const Chain words = chain(word("secret"));
  Json parts = Json::array();
  for (int i = 0; i < 20'000; ++i) parts.push_back({{"type", "text"}, {"text", "sec"}});
  EXPECT_EQ(stream(words, {delta({{"content", parts}})}).decision.kind, Decision::Kind::garbage);
}

TEST(StreamReview, AnEventOfOurOwnRepeatsNoOtherText) {
  const Chain words = chain(word("secret"));
  const auto done = stream(words, {R"({"id":"c","note":"a secret","choices":[)" + choice({{"content", "x sec"}}) + R"(],"more":"secret"})", kStop});
  ASSERT_EQ(done.events.size(), 3u);
  for (const std::string& each : done.events) EXPECT_EQ(each.find("secret"), std::string::npos) << each;
  const Chain blocks = chain(word("secret", {.verdict = Verdict::block}));
  const auto blocked = stream(blocks, {R"({"choices":[)" + choice({{"content", "x secret"}}) + R"(],"more":"secret"})"});
  ASSERT_EQ(blocked.events.size(), 1u);
  EXPECT_EQ(blocked.events[0].find("secret"), std::string::npos);
}

TEST(StreamReview, AReplacementOverTheStructureOfArgumentsLeavesJson) {
  const Chain words = chain(word("ab\"}", {.marker = "[\"X\"]"}));
  const std::string text = R"({"a":"x ab"})";
  for (std::size_t at = 0; at <= text.size(); ++at)
    EXPECT_EQ(Json::parse(stream(words, {arguments(text.substr(0, at)), arguments(text.substr(at)), kStop}).texts.at("0.tool_calls[0].function.arguments")), (Json{{"a", "x [\"X\"]"}}));
}

}  // namespace
}  // namespace kt::policy

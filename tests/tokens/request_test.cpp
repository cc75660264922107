#include "kt/tokens/request.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace kt::tokens {
namespace {

RequestFacts facts(const std::string& body) { return request_facts(body, &Vocabulary::of(Encoding::o200k)); }

std::string user(const std::string& content) { return R"({"role":"user","content":)" + content + "}"; }
std::string chat(const std::string& messages, const std::string& more = "") {
  return R"({"model":"gpt-4o","messages":[)" + messages + "]" + more + "}";
}

TEST(RequestFacts, CountsMessagesAsTheChatFormatWrapsThem) {
  // "hello world" = 2 tokens; 3 for the message, 3 for the answer.
  EXPECT_EQ(facts(chat(user(R"("hello world")"))).input_tokens, 8u);
  EXPECT_EQ(facts(chat(user(R"("hello world")") + "," + user(R"("hello world")"))).input_tokens, 13u);
  EXPECT_EQ(facts(chat(R"({"role":"user","name":"hello","content":"hello world"})")).input_tokens, 10u);
  EXPECT_TRUE(facts(chat(user(R"("hello")"))).exact);
}

TEST(RequestFacts, PartsEscapesAndToolCallsAreText) {
  EXPECT_EQ(facts(chat(user(R"([{"type":"text","text":"hello world"}])"))).input_tokens, 8u);
  EXPECT_EQ(facts(chat(user(R"("hello\u0020world")"))).input_tokens, 8u);
  const RequestFacts call = facts(chat(
      R"({"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"hello","arguments":"{}"}}]})"));
  EXPECT_EQ(call.input_tokens, 8u);
}

TEST(RequestFacts, ImagesAndAudioAreEstimated) {
  const RequestFacts image = facts(chat(
      user(R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"high"}}])")));
  EXPECT_EQ(image.input_tokens, 765u + 6);
  EXPECT_FALSE(image.exact);
  const RequestFacts audio =
      facts(chat(user(R"([{"type":"input_audio","input_audio":{"format":"wav","data":")" +
                      std::string(40'000, 'A') + "\"}}]")));
  EXPECT_EQ(audio.input_tokens, 11u + 6);
}

TEST(RequestFacts, ToolDefinitionsCountWithTheirNames) {
  const std::uint64_t without = facts(chat(user(R"("hello")"))).input_tokens;
  const std::uint64_t with =
      facts(
          chat(
              user(R"("hello")"),
              R"(,"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"city":"string"}}}])"))
          .input_tokens;
  EXPECT_GT(with, without + 5);
}

TEST(RequestFacts, EmbeddingsInTextAndInTokens) {
  const RequestFacts many = facts(R"({"input":["hello world","hello"]})");
  EXPECT_EQ(many.input_tokens, 3u);
  EXPECT_EQ(many.largest_input, 2u);
  EXPECT_EQ(facts(R"({"input":"hello world"})").largest_input, 2u);
  const RequestFacts ranks = facts(R"({"input":[[1,2,3],[4]]})");
  EXPECT_EQ(ranks.input_tokens, 4u);
  EXPECT_EQ(ranks.largest_input, 3u);
}

TEST(RequestFacts, WhatMayComeBack) {
  EXPECT_EQ(facts(chat(user("\"a\""))).max_output, std::nullopt);
  EXPECT_EQ(facts(chat(user("\"a\""), R"(,"max_tokens":100,"n":3)")).max_output, 100u);
  EXPECT_EQ(facts(chat(user("\"a\""), R"(,"max_tokens":100,"n":3)")).choices, 3u);
  EXPECT_EQ(facts(chat(user("\"a\""), R"(,"max_completion_tokens":7)")).max_output, 7u);
  EXPECT_EQ(facts(chat(user("\"a\""), R"(,"max_tokens":-5,"n":0)")).choices, 1u);
}

TEST(RequestFacts, AConversationKeepsItsKey) {
  const std::string system = R"({"role":"system","content":"be brief"})", first = user(R"("hello")");
  const std::string one = chat(system + "," + first),
                    two = chat(system + "," + first + "," + R"({"role":"assistant","content":"hi"})" + "," +
                                   user(R"("and now?")"),
                               R"(,"user":"anna")");
  const RequestFacts a = facts(one), b = facts(two);
  ASSERT_TRUE(a.conversation && b.conversation);
  EXPECT_EQ(a.conversation->of(one), b.conversation->of(two));
  EXPECT_EQ(a.user, std::nullopt);
  EXPECT_EQ(b.user->of(two), "anna");
}

TEST(RequestFacts, LongTextIsEstimatedAndBounded) {
  std::string text;
  while (text.size() < 8'000'000) text += "hello world ";
  const std::string body = chat(user("\"" + text + "\""));
  const auto began = std::chrono::steady_clock::now();
  const RequestFacts long_one = facts(body);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_FALSE(long_one.exact);
  EXPECT_GT(long_one.input_tokens, text.size() / 12 * 2 * 95 / 100);
  EXPECT_LT(long_one.input_tokens, text.size() / 12 * 3 * 11 / 10);
}

TEST(RequestFacts, WithoutAVocabularyATokenIsFourBytes) {
  const RequestFacts rough = request_facts(chat(user("\"" + std::string(400, 'x') + "\"")), nullptr);
  EXPECT_EQ(rough.input_tokens, 106u);
  EXPECT_FALSE(rough.exact);
}

TEST(RequestFacts, OddBodiesAreHarmless) {
  for (const char* body :
       {"", "{}", "[]", "3", R"({"messages":3})", R"({"messages":[[[]]]})", R"({"n":"x"})"})
    EXPECT_LE(facts(body).input_tokens, 3u) << body;
}

}  // namespace
}  // namespace kt::tokens

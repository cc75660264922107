#include "simulator/answer.hpp"

#include <gtest/gtest.h>

#include "simulator/router.hpp"

namespace kt::simulator {
namespace {

constexpr const char* kChat = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
constexpr const char* kEmbeddings =
    "/openai/deployments/text-embedding-3-small/embeddings?api-version=2024-10-21";
constexpr const char* kV1 = "/openai/v1/chat/completions";

Answer ask(const std::string& target, const Json& body, const Options& options = {},
           const std::string& key = "simulator-key", const std::string& authorization = "") {
  const Routed routed = route(options, {"POST", target, key, authorization, body.dump()});
  return routed.call ? answer(options, *routed.call) : routed.answer;
}

Json saying(const std::string& text, bool stream = false) {
  return {{"model", "gpt-4o"}, {"messages", {{{"role", "user"}, {"content", text}}}}, {"stream", stream}};
}

TEST(Simulator, RefusesWhatTheServiceRefuses) {
  EXPECT_EQ(ask(kChat, saying("x"), {}, "wrong").status, 401);
  EXPECT_EQ(ask(kChat, saying("x"), {}, "", "Bearer nobody").status, 401);
  Options with_token;
  with_token.bearer = "token";
  EXPECT_EQ(ask(kChat, saying("x"), with_token, "", "Bearer token").status, 200);
  EXPECT_EQ(ask("/openai/deployments/gpt-4o/chat/completions", saying("x")).status, 404);
  const Answer unknown = ask("/openai/deployments/nobody/chat/completions?api-version=2024-10-21", saying("x"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(Json::parse(unknown.body)["error"]["code"], "DeploymentNotFound");
  const Answer filtered = ask(kChat, saying("simulate:content_filter", true));
  EXPECT_EQ(filtered.status, 400);
  EXPECT_EQ(Json::parse(filtered.body)["error"]["innererror"]["code"], "ResponsibleAIPolicyViolation");
  const Answer limited = ask(kChat, saying("simulate:status=429"));
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.headers.front(), (std::pair<std::string, std::string>{"retry-after", "6"}));
}

TEST(Simulator, ABodyOfTheWrongTypesIs400AndNeverAnException) {
  const Json wrong[] = {
      {{"model", 5}},
      {{"model", "gpt-4o"}, {"messages", {{{"role", 5}, {"content", "x"}}}}},
      {{"model", "gpt-4o"},
       {"messages", {{{"role", "user"}, {"content", "simulate:tool"}}}},
       {"tools", {5}}},
  };
  for (const Json& body : wrong) EXPECT_EQ(ask(kV1, body).status, 400) << body;
  for (const char* body :
       {R"({"input":5})", R"({"input":null})", R"({"input":"x","dimensions":0})",
        R"({"input":"x","dimensions":-1})", R"({"input":"x","dimensions":1000000000000})",
        R"({"input":"x","dimensions":"2"})", R"({"input":"x","encoding_format":5})", R"({})"})
    EXPECT_EQ(ask(kEmbeddings, Json::parse(body)).status, 400) << body;
}

TEST(Simulator, TheSameSeedGivesTheSameAnswer) {
  Options other;
  other.seed = 2;
  for (const bool stream : {false, true}) {
    const Answer first = ask(kChat, saying("x", stream)), again = ask(kChat, saying("x", stream));
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(first.events, again.events);
  }
  EXPECT_EQ(ask(kEmbeddings, {{"input", "x"}}).body, ask(kEmbeddings, {{"input", "x"}}).body);
  EXPECT_NE(ask(kEmbeddings, {{"input", "x"}}).body, ask(kEmbeddings, {{"input", "x"}}, other).body);
}

TEST(Simulator, AStreamHasThePreludeFilterResultsUsageAndTheEnd) {
  Json body = saying("simulate:events=3", true);
  body["stream_options"] = {{"include_usage", true}};
  const std::vector<std::string> events = ask(kChat, body).events;
  const Json prelude = Json::parse(events.front());
  EXPECT_TRUE(prelude["choices"].empty() && prelude.contains("prompt_filter_results"));
  EXPECT_TRUE(Json::parse(events[2])["choices"][0].contains("content_filter_results"));
  EXPECT_TRUE(Json::parse(events[events.size() - 2])["usage"].contains("completion_tokens"));
  EXPECT_EQ(events.back(), "[DONE]");

  Options later;
  later.async_filter = true;
  bool annotated = false;
  for (const std::string& event : ask(kChat, body, later).events)
    annotated = annotated || event.find("content_filter_offsets") != event.npos;
  EXPECT_TRUE(annotated);
}

TEST(Simulator, EmbeddingsComeAsNumbersAndAsBase64) {
  const Json numbers = Json::parse(ask(kEmbeddings, {{"input", {"a", "b"}}, {"dimensions", 8}}).body);
  EXPECT_EQ(numbers["data"].size(), 2u);
  EXPECT_EQ(numbers["data"][0]["embedding"].size(), 8u);
  const Json encoded =
      Json::parse(ask(kEmbeddings, {{"input", "a"}, {"dimensions", 8}, {"encoding_format", "base64"}}).body);
  EXPECT_EQ(encoded["data"][0]["embedding"].get<std::string>().size(), 44u);  // 32 bytes
}

}  // namespace
}  // namespace kt::simulator

#include <gtest/gtest.h>

#include "kt/llm/event.hpp"
#include "kt/llm/stream_shape.hpp"

namespace kt::llm {
namespace {

EventView view_of(std::string_view data) {
  EventView view;
  EXPECT_FALSE(scan_event(data, view)) << data;
  return view;
}

TEST(Event, KnowsWhatItCarries) {
  EXPECT_TRUE(view_of(R"({"choices":[{"index":0,"delta":{"content":"x"}}]})").has_text);
  EXPECT_TRUE(view_of(R"({"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}}]})")
                  .has_text);
  EXPECT_TRUE(view_of(R"({"choices":[{"index":0,"text":"x"}]})").has_text);
  EXPECT_FALSE(view_of(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})").has_text);
  EXPECT_TRUE(view_of(R"({"choices":[{"delta":{},"finish_reason":"content_filter"}]})").content_filtered);
  EXPECT_FALSE(view_of(R"({"choices":[{"delta":{},"finish_reason":null}]})").finished);
  EXPECT_TRUE(view_of(R"({"error":{"message":"x"}})").error);
  EXPECT_FALSE(view_of(R"({"error":null,"choices":[]})").error);
}

TEST(Event, ReadsUsage) {
  const EventView view = view_of(
      R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":2}}})");
  EXPECT_TRUE(view.usage.present);
  EXPECT_EQ(view.usage.input, 9u);
  EXPECT_EQ(view.usage.output, 7u);
  EXPECT_EQ(view.usage.cached, 4u);
  EXPECT_EQ(view.usage.reasoning, 2u);
}

TEST(Event, GarbageIsAFault) {
  EventView view;
  for (const char* data : {"", "x", "{", "{}{}", "{\"a\":1,}"}) EXPECT_TRUE(scan_event(data, view)) << data;
}

TEST(Reply, UsageIsTheTopLevelsAlone) {
  const Usage usage = usage_of_reply(
      R"({"choices":[{"message":{"usage":{"prompt_tokens":99}}}],"usage":{"prompt_tokens":3,"completion_tokens":0}})");
  EXPECT_EQ(usage.input, 3u);
  EXPECT_FALSE(usage_of_reply(R"({"a":1})").present);
  EXPECT_FALSE(usage_of_reply("no json").present);
}

// What a client of the OpenAI surface gets for a series of events.
std::vector<std::string> shaped(const std::vector<std::string>& events) {
  OpenAiShape shape;
  std::vector<std::string> out;
  for (const std::string& data : events) {
    switch (shape.apply(data, view_of(data))) {
      case OpenAiShape::Action::pass:
        out.push_back(data);
        break;
      case OpenAiShape::Action::replace:
        out.emplace_back(shape.text());
        break;
      case OpenAiShape::Action::drop:
        break;
    }
  }
  return out;
}

TEST(OpenAiShape, FoldsThePreludeIntoTheNextEventWithChoices) {
  EXPECT_EQ(
      shaped({R"({"choices":[],"prompt_filter_results":[{"a":1}]})", R"({"id":"1","choices":[{"delta":{}}]})",
              R"({"id":"2","choices":[{"delta":{}}]})"}),
      (std::vector<std::string>{R"({"prompt_filter_results":[{"a":1}],"id":"1","choices":[{"delta":{}}]})",
                                R"({"id":"2","choices":[{"delta":{}}]})"}));
}

TEST(OpenAiShape, GivesEveryChoiceADelta) {
  EXPECT_EQ(
      shaped({R"({"choices":[{"index":0,"finish_reason":null},{"index":1,"delta":{}},{}]})"}),
      (std::vector<std::string>{
          R"({"choices":[{"delta":{},"index":0,"finish_reason":null},{"index":1,"delta":{}},{"delta":{}}]})"}));
}

TEST(OpenAiShape, LeavesEverythingElseAlone) {
  const std::vector<std::string> events{R"({"choices":[{"delta":{"content":"x"}}]})",
                                        R"({"choices":[],"usage":{"prompt_tokens":1}})",
                                        R"({"choices":[{"text":"legacy"}]})", R"([1])", R"({"error":{}})"};
  EXPECT_EQ(shaped(events), events);
}

}  // namespace
}  // namespace kt::llm

#include "kt/llm/lanes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "kt/llm/lane_text.hpp"

namespace kt::llm {
namespace {

using Json = nlohmann::ordered_json;

// Everything a request can say, in one body.
const char* const kChat = R"({
  "model":"gpt-4o","user":"u","stream":true,"temperature":0.5,"stop":["x"],"service_tier":"auto","unknown_member":"x",
  "messages":[
    {"role":"system","content":"x","name":"n"},
    {"content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"https://h/p","detail":"low"}},
      {"type":"input_audio","input_audio":{"data":"x","format":"wav"}},{"type":"file","file":{"file_id":"f","filename":"x","file_data":"x"}},
      {"type":"refusal","refusal":"x"}],"role":"user"},
    {"role":"assistant","content":null,"refusal":"x","reasoning_content":"x","audio":{"id":"a"},
      "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"function_call":{"name":"f","arguments":"{}"}},
    {"role":"tool","tool_call_id":"c","content":"x"},
    {"role":"developer","content":"x"}],
  "prediction":{"type":"content","content":[{"type":"text","text":"x"}]},
  "tools":[{"type":"function","function":{"name":"f","description":"x","strict":true,
     "parameters":{"type":"object","properties":{"a":{"type":"string","description":"x","enum":["x"]}},"required":["a"]}}}],
  "functions":[{"name":"f","description":"x"}],"tool_choice":{"type":"function","function":{"name":"f"}},
  "response_format":{"type":"json_schema","json_schema":{"name":"n","description":"x","schema":{"title":"x"}}},
  "metadata":{"k":"x"},"web_search_options":{"user_location":{"approximate":{"city":"x"}}},
  "data_sources":[{"type":"azure_search","parameters":{"endpoint":"https://h","index_name":"i","role_information":"x","filter":"x"}}],
  "documents":[{"title":"x","text":"x"}],"prompt":["x"],"suffix":"x","input":"x","instructions":"x"})";

const char* const kReply = R"({"id":"i","object":"chat.completion","model":"m","system_fingerprint":"fp","citations":["x"],
  "choices":[{"index":0,"finish_reason":"stop","text":"x","message":{"role":"assistant","content":"x","refusal":"x","reasoning_content":"x",
   "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}],"function_call":{"name":"f","arguments":"{}"},
   "audio":{"id":"a","transcript":"x"},"annotations":[{"type":"url_citation","url_citation":{"title":"x","url":"x"}}],
   "context":{"intent":"x","citations":[{"content":"x","title":"x","url":"x","filepath":"x","chunk_id":"1"}]}}}]})";

void pointers(const Json& value, const std::string& at, std::vector<std::string>& out) {
  if (value.is_string()) out.push_back(at);
  if (value.is_object()) {
    for (const auto& [name, each] : value.items()) pointers(each, at + "/" + name, out);
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
    pointers(value[i], at + "/" + std::to_string(i), out);
}

bool sees(const std::string& document, bool reply, const std::string& marker) {
  Lanes lanes;
  EXPECT_FALSE(reply ? find_reply_lanes(document, lanes) : find_request_lanes(document, {}, lanes));
  for (const LaneText& lane : lanes.texts) {
    if (lane_text(lane.span.of(document), lane.json).find(marker) != std::string::npos) return true;
  }
  return false;
}

TEST(Lanes, AMarkerInAnyStringPositionIsSeen) {
  const std::string marker = "a marker with \"words\" \xc3\xa9";
  for (const bool reply : {false, true}) {
    const Json body = Json::parse(reply ? kReply : kChat);
    std::vector<std::string> places;
    pointers(body, "", places);
    ASSERT_GT(places.size(), 25u);
    for (const std::string& place : places) {
      Json changed = body;
      changed[Json::json_pointer(place)] = marker;
      const bool seen = sees(changed.dump(), reply, marker);
      const bool exempt = place == "/model" && !reply;
      const bool finish = place.ends_with("finish_reason");
      EXPECT_EQ(seen, !exempt && !finish) << place;
    }
  }
}

TEST(Lanes, NamesOfMembersAreSeenWhereWordsCanStand) {
  EXPECT_TRUE(sees(R"({"metadata":{"4111 1111":"x"}})", false, "4111 1111"));
  EXPECT_TRUE(sees(R"({"tools":[{"function":{"parameters":{"properties":{"two words":{}}}}}]})", false, "two words"));
  EXPECT_TRUE(sees(R"({"choices":[{"delta":{"two words":1}}]})", true, "two words"));
}

std::map<std::string, Role> roles(const std::string& body) {
  Lanes lanes;
  EXPECT_FALSE(find_request_lanes(body, {}, lanes));
  std::map<std::string, Role> out;
  for (const LaneText& lane : lanes.texts) out[std::string(lane.span.of(body))] = lane.lane.role;
  return out;
}

TEST(Lanes, RolesAreTheMessagesAlsoWhenTheRoleComesLast) {
  const auto found = roles(R"({"messages":[{"content":"s 1","role":"system"},{"role":"developer","content":"s 2"},
    {"content":[{"type":"text","text":"u 1"}],"role":"user"},{"role":"assistant","content":"a 1"},{"role":"tool","content":"t 1"},
    {"content":"no role"}],"tools":[{"function":{"description":"d 1"}}],"instructions":"s 3","documents":["doc 1"],
    "input":[{"type":"function_call_output","output":"t 2"},{"type":"message","role":"user","content":"u 2"}]})");
  const std::map<std::string, Role> expected{{"s 1", Role::system},     {"s 2", Role::system},    {"u 1", Role::user},
                                             {"a 1", Role::assistant},  {"t 1", Role::tool},      {"no role", Role::user},
                                             {"d 1", Role::definition}, {"s 3", Role::system},    {"doc 1", Role::document},
                                             {"t 2", Role::tool},       {"u 2", Role::user}};
  for (const auto& [text, role] : expected) {
    ASSERT_TRUE(found.contains(text)) << text;
    EXPECT_EQ(found.at(text), role) << text;
  }
}

TEST(Lanes, MediaAndCredentialsOfOtherServicesAreLeftAlone) {
  const std::string base64(400, 'A');
  EXPECT_TRUE(roles(R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
                    base64 + R"("}},{"type":"input_audio","input_audio":{"data":")" + base64 + R"(","format":"wav"}}]}],
      "data_sources":[{"parameters":{"authentication":{"type":"api_key","key":"very secret key"}}}]})")
                  .empty());
  EXPECT_EQ(roles(R"({"messages":[{"content":[{"image_url":{"url":"data:text/plain,hello there"}}]}]})").size(), 1u);
}

TEST(Lanes, TokenNumbersAreNoticed) {
  for (const char* body : {R"({"input":[1,2]})", R"({"input":[[1,2]]})", R"({"prompt":[1]})"}) {
    Lanes lanes;
    EXPECT_FALSE(find_request_lanes(body, {}, lanes));
    EXPECT_TRUE(lanes.tokens) << body;
  }
  Lanes lanes;
  EXPECT_FALSE(find_request_lanes(R"({"input":["a"],"logit_bias":{"1":2},"messages":[{"n":[1]}]})", {}, lanes));
  EXPECT_FALSE(lanes.tokens);
}

TEST(Lanes, EventsSayWhereTextGoesOn) {
  Lanes lanes;
  const std::string event =
      R"({"choices":[{"delta":{"content":"a b","tool_calls":[{"function":{"arguments":"{\"x"},"index":3}]},"finish_reason":null,"index":2},{"index":1,"text":"t","delta":{"refusal":"r","audio":{"transcript":"w"}},"finish_reason":"stop","logprobs":{"content":[{"token":"a"}]}}]})";
  ASSERT_FALSE(find_reply_lanes(event, lanes));
  ASSERT_EQ(lanes.texts.size(), 5u);
  EXPECT_EQ(lanes.texts[0].place, Place::delta);
  EXPECT_EQ(lanes.texts[0].name, "content");
  EXPECT_EQ(lanes.texts[0].choice, 2u);
  EXPECT_EQ(lanes.texts[1].place, Place::tool_arguments);
  EXPECT_EQ(lanes.texts[1].tool, 3u);
  EXPECT_TRUE(lanes.texts[1].json);
  EXPECT_EQ(lanes.texts[2].place, Place::text);
  EXPECT_EQ(lanes.texts[2].choice, 1u);
  EXPECT_EQ(lanes.texts[3].name, "refusal");
  EXPECT_EQ(lanes.texts[4].place, Place::transcript);
  EXPECT_EQ(lanes.finished, std::vector<std::uint32_t>{1});
  ASSERT_EQ(lanes.logprobs.size(), 1u);
  EXPECT_EQ(lanes.logprobs[0].of(event).front(), '{');
  EXPECT_EQ(lanes.choices.of(event).front(), '[');
  EXPECT_EQ(lanes.choices.of(event).back(), ']');
}

TEST(Lanes, PathsAreNamed) {
  const std::string body = R"({"messages":[{"a":1},{"content":[{"text":"x"},{"text":"here"}]}],"tools":[{"function":{"description":"there"}}]})";
  EXPECT_EQ(path_of(body, body.find("here")), "messages[1].content[1].text");
  EXPECT_EQ(path_of(body, body.find("there")), "tools[0].function.description");
}

// Replaces every occurrence of a word in the lane's text.
std::string spliced(std::string_view raw, bool json, std::string_view word, const std::string& by) {
  const std::string text = lane_text(raw, json);
  std::vector<Edit> edits;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + word.size()))
    edits.push_back({at, at + word.size(), by});
  return splice_lane(raw, json, edits);
}

TEST(LaneText, EditsLeaveEveryOtherByte) {
  EXPECT_EQ(spliced(R"(a\u00e9 \/ word \ud83d\ude00 word\n)", false, "word", "[\"]"),
            R"(a\u00e9 \/ [\"] \ud83d\ude00 [\"]\n)");
  EXPECT_EQ(spliced(R"(\u0077ord \ud83d)", false, "word", "x"), R"(x \ud83d)");
}

TEST(LaneText, ArgumentsAreJsonInJson) {
  EXPECT_EQ(lane_text(R"({\"mail\": \"a\\u0040b \\\"q\\\"\"})", true),
            "{\"mail\": \"a@b " + std::string(kQuote) + "q" + std::string(kQuote) + "\"}");
  EXPECT_EQ(spliced(R"({\"mail\": \"a\\u0040b\", \"n\": 41})", true, "a@b", "[E]"), R"({\"mail\": \"[E]\", \"n\": 41})");
  EXPECT_EQ(spliced(R"({\"n\": 41})", true, "41", "[N]"), R"({\"n\": \"[N]\"})");
  EXPECT_EQ(spliced(R"({\"n\": \"41\"})", true, "41", "\"q\""), R"({\"n\": \"\\\"q\\\"\"})");
  EXPECT_EQ(spliced(R"({\"n\": \"41 \\\\u00)", true, "41", "x"), R"({\"n\": \"x \\\\u00)");
}

TEST(LaneText, ArgumentsDecodeTheSameInEveryCut) {
  const std::string text = R"({"a":"x\u0040y \"q\" \ud83d\ude00 \\ \n"})";
  std::string whole;
  ArgumentsDecoder().take(text, whole);
  std::string again;
  ArgumentsEncoder().pass(whole, again);
  EXPECT_EQ(again, "{\"a\":\"x@y \\\"q\\\" \xf0\x9f\x98\x80 \\\\ \\n\"}");
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      ArgumentsDecoder decoder;
      std::string out;
      decoder.take(text.substr(0, a), out);
      decoder.take(text.substr(a, b - a), out);
      decoder.take(text.substr(b), out);
      ASSERT_EQ(out, whole) << a << " " << b;
      ASSERT_TRUE(decoder.rest().empty());
    }
  }
}

TEST(Lanes, ANameWithEscapesIsTheNameItMeans) {
  Lanes lanes;
  EXPECT_FALSE(find_request_lanes(R"({"inp\u0075t":[1,2]})", {}, lanes));
  EXPECT_TRUE(lanes.tokens);
  EXPECT_TRUE(sees(R"({"messages":[{"tool_calls":[{"function":{"argum\u0065nts":"{\"a\":\"\\u0068idden\"}"}}]}]})", false, "hidden"));
  ASSERT_FALSE(find_reply_lanes(R"({"ch\u006fices":[{"delta":{"c\u006fntent":"x"},"finish\u005freason":"stop"}]})", lanes));
  ASSERT_EQ(lanes.texts.size(), 1u);
  EXPECT_EQ(lanes.texts[0].name, "content");
  EXPECT_EQ(lanes.finished.size(), 1u);
}

TEST(Lanes, WhatLooksLikeAMachinesWordIsReadWhereAnybodyCanWriteIt) {
  for (const char* body : {R"({"metadata":{"id":"falcon"}})", R"({"metadata":{"falcon":"x"}})", R"({"metadata":{"b64_json":"falconfalconfalcon"}})",
                           R"({"tools":[{"function":{"parameters":{"properties":{"falcon":{}}}}}]})",
                           R"({"tools":[{"function":{"parameters":{"properties":{"a":{"format":"falcon"}}}}}]})",
                           R"({"tools":[{"function":{"parameters":{"default":{"id":"falcon"}}}}]})",
                           R"({"messages":[{"content":[{"image_url":{"url":"data:image/svg+xml,<svg>falcon</svg>"}}]}]})",
                           R"({"messages":[{"content":[{"file":{"file_data":"data:Text/plain,some falcon"}}]}]})"})
    EXPECT_TRUE(sees(body, false, "falcon")) << body;
  EXPECT_TRUE(sees(R"({"messages":[{"tool_call_id":"4111111111111111"}]})", false, "4111"));
  EXPECT_TRUE(sees(R"({"messages":[{"4111111111111111":1}]})", false, "4111"));
}

TEST(Lanes, RepliesOfAnyShapeAreRead) {
  for (const char* body : {R"("falcon")", R"(["falcon"])", R"({"choices":{"message":{"content":"falcon"}}})", R"({"choices":[{"message":"falcon"}]})",
                           R"({"choices":[{"message":{"x":{"id":"a"},"content":["falcon"]}}]})", R"({"data":[{"embedding":[0.1]},"falcon"]})"})
    EXPECT_TRUE(sees(body, true, "falcon")) << body;
}

TEST(LaneText, AnEditOverTheStructureOfArgumentsLeavesJson) {
  EXPECT_EQ(spliced(R"({\"p\": \"pass=ab\"})", true, "pass=ab\"}", "[X]"), R"({\"p\": \"[X]\"})");
  EXPECT_EQ(spliced(R"({\"a\": \"b\", \"c\": 1, \"d\": [2]})", true, R"(b", "c": 1, "d": [2])", "[X]"), R"({\"a\": \"[X]\", \"\": \"\", \"\": [\"\"]})");
  EXPECT_EQ(spliced(R"({\"a\": \"b\", \"c\": 1})", true, R"("c": 1)", "[X]"), R"({\"a\": \"b\", \"[X]\": \"\"})");
  EXPECT_EQ(spliced(R"({\"a\": 41})", true, "41}", "[\"]"), R"({\"a\": \"[\\\"]\"})");
}

}  // namespace
}  // namespace kt::llm

#include "kt/llm/request.hpp"

#include <gtest/gtest.h>

namespace kt::llm {
namespace {

RequestView view_of(std::string_view body) {
  RequestView view;
  EXPECT_FALSE(scan_request(body, {}, view)) << body;
  return view;
}

TEST(Request, FindsWhatTheGatewayNeeds) {
  const std::string_view body =
      R"({"messages":[{"model":"inner","stream":true}],"stream":true,"model":"gpt-4o","stream_options":{"include_usage":true}})";
  const RequestView view = view_of(body);
  EXPECT_EQ(view.model->of(body), "gpt-4o");
  EXPECT_TRUE(view.stream && view.include_usage);
  EXPECT_EQ(view.stream_options->of(body), R"({"include_usage":true})");
  EXPECT_EQ(body[view.object_end], '}');
  EXPECT_FALSE(view.empty_object || view.data_sources || view.model_escaped);
}

TEST(Request, InnerMembersOfTheSameNameMeanNothing) {
  const RequestView view = view_of(R"({"a":{"model":"x","stream":true},"b":[{"model":"y"}]})");
  EXPECT_FALSE(view.model || view.stream);
}

TEST(Request, AModelThatIsNullIsNoModelButHasItsPlace) {
  const std::string_view body = R"({"model":null,"a":1})";
  const RequestView view = view_of(body);
  EXPECT_FALSE(view.model);
  EXPECT_EQ(view.model_value->of(body), "null");
  EXPECT_EQ(view.wrong_member, nullptr);
}

TEST(Request, EscapedMemberNamesMeanTheSame) {
  const std::string_view body = R"({"\u006dodel":"x","\u0073tream":true})";
  const RequestView view = view_of(body);
  EXPECT_EQ(view.model->of(body), "x");
  EXPECT_TRUE(view.stream);
}

TEST(Request, AnEscapedModelIsMarked) { EXPECT_TRUE(view_of(R"({"model":"gpt\u002d4o"})").model_escaped); }

TEST(Request, AnEmptyObjectIsMarked) {
  EXPECT_TRUE(view_of(" { } ").empty_object);
  EXPECT_EQ(view_of(" { } ").object_end, 3u);
}

TEST(Request, WrongTypesAreNamed) {
  EXPECT_STREQ(view_of(R"({"model":7})").wrong_member, "model");
  EXPECT_STREQ(view_of(R"({"model":["x"]})").wrong_member, "model");
  EXPECT_STREQ(view_of(R"({"model":"x","stream":"true"})").wrong_member, "stream");
  EXPECT_EQ(view_of(R"({"model":"x","stream":null})").wrong_member, nullptr);
  EXPECT_NE(view_of("[]").wrong_what, nullptr);
}

}  // namespace
}  // namespace kt::llm

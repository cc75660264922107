#include "kt/json/scan.hpp"

#include <gtest/gtest.h>

#include "support/fixture.hpp"

namespace kt::json {
namespace {

// Writes down what the scan tells.
struct Diary : Handler {
  explicit Diary(std::string_view text) : text(text) {}
  void begin_object(std::size_t at) override { note("{", at); }
  void end_object(std::size_t at) override { note("}", at); }
  void begin_array(std::size_t at) override { note("[", at); }
  void end_array(std::size_t at) override { note("]", at); }
  void name(Span span, bool escaped) override {
    note(std::string("n:").append(span.of(text)) + (escaped ? "!" : ""), span.begin);
  }
  void string(Span span, bool escaped) override {
    note(std::string("s:").append(span.of(text)) + (escaped ? "!" : ""), span.begin);
  }
  void number(Span span) override { note(std::string("#").append(span.of(text)), span.begin); }
  void literal(Span span) override { note(std::string(span.of(text)), span.begin); }
  void note(const std::string& what, std::size_t at) { log += what + "@" + std::to_string(at) + " "; }
  std::string_view text;
  std::string log;
};

TEST(Scan, TellsEveryTokenWithItsPlace) {
  const std::string_view text = R"( {"a":[1,-2.5e3,"x\n"],"\u0062":{},"c":null} )";
  Diary diary(text);
  EXPECT_FALSE(scan(text, diary));
  EXPECT_EQ(diary.log,
            R"({@1 n:a@3 [@6 #1@7 #-2.5e3@9 s:x\n!@17 ]@22 n:\u0062!@24 {@32 }@34 n:c@36 null@39 }@44 )");
}

TEST(Scan, DecidesTheDocumentsOfTheFixture) {
  const auto cases = test::rows("json_documents.tsv");
  ASSERT_GT(cases.size(), 150u);
  for (const auto& row : cases) {
    const Fault fault = check(row[1]);
    if (row[0] != "any") {
      EXPECT_EQ(fault.what != nullptr, row[0] == "reject") << row[1];
    }
    EXPECT_LE(fault.offset, row[1].size());
  }
}

TEST(Scan, RefusesEveryBeginningOfADocument) {
  const std::string text = R"({"a":[1,2,{"b":"c\u00e9\\"}],"d":-1.5e+7,"e":true,"f":null})";
  ASSERT_FALSE(check(text));
  for (std::size_t size = 0; size < text.size(); ++size) EXPECT_TRUE(check(text.substr(0, size))) << size;
}

TEST(Scan, NamesTheOffsetOfTheFirstWrongByte) {
  EXPECT_EQ(check(R"({"a":tru})").offset, 5u);
  EXPECT_EQ(check(R"({"a":1}x)").offset, 7u);
  EXPECT_EQ(check(std::string_view("{\"a\":\"\0\"}", 9)).offset, 6u);
  EXPECT_EQ(check("{\"a\":\"\xff\"}").offset, 6u);
}

TEST(Scan, FindsDuplicateNamesHoweverTheyAreSpelt) {
  EXPECT_TRUE(check(R"({"model":1,"b":2,"model":3})").duplicate);
  EXPECT_TRUE(check(R"({"model":1,"\u006dodel":3})").duplicate);
  EXPECT_TRUE(check(R"([{"a":{"x":1,"y":2,"x":3}}])").duplicate);
  EXPECT_FALSE(check(R"({"a":{"x":1},"b":{"x":1},"x":1})"));
}

TEST(Scan, FindsADuplicateAmongThousandsOfNames) {
  std::string text = "{";
  for (int i = 0; i < 5000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_FALSE(check(text + "\"last\":0}"));
  EXPECT_TRUE(check(text + "\"k4321\":0}").duplicate);
}

TEST(Scan, BoundsTheDepth) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_FALSE(check(nested(64)));
  EXPECT_TRUE(check(nested(65)));
  EXPECT_TRUE(check(nested(1'000'000)));
  EXPECT_FALSE(check(nested(500), {512}));
}

TEST(Text, UnescapesAndEscapes) {
  EXPECT_EQ(unescape(R"(a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00)"), "a\"\\/\b\f\n\r\t\u00e9\U0001f600");
  EXPECT_EQ(unescape(R"(\ud83d x \ude00)"), "\xed\xa0\xbd x \xed\xb8\x80");
  std::string again;
  escape(unescape(R"(\ud83d x \ude00 \u0001 \" \\ h\u00e9)"), again);
  EXPECT_EQ(again, R"(\ud83d x \ude00 \u0001 \" \\ h)" "\u00e9");
  std::string out;
  escape(std::string_view("a\"\\\n\x01\0\u00e9", 8), out);
  EXPECT_EQ(unescape(out), std::string_view("a\"\\\n\x01\0\u00e9", 8));
  EXPECT_FALSE(check("\"" + out + "\""));
}

}  // namespace
}  // namespace kt::json

#include "kt/sse/parser.hpp"

#include <gtest/gtest.h>

#include "support/fixture.hpp"

namespace kt::sse {
namespace {

struct Heard {
  std::string type, data, id;
  friend bool operator==(const Heard&, const Heard&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Heard& heard) {
    return out << heard.type << "|" << heard.data << "|" << heard.id;
  }
};

struct Result {
  std::vector<Heard> events;
  std::string raw;  // of all blocks
};

Result hear(const std::vector<std::string>& pieces) {
  Parser parser;
  Result result;
  for (const std::string& piece : pieces) {
    parser.feed(piece);
    while (const auto event = parser.next()) {
      result.raw += event->raw;
      if (event->has_data)
        result.events.push_back({event->type.empty() ? "message" : std::string(event->type),
                                 std::string(event->data), std::string(event->id)});
    }
  }
  return result;
}

std::vector<Heard> expected(const test::Row& row) {
  std::vector<Heard> events;
  for (std::size_t i = 1; i + 2 < row.size(); i += 3) events.push_back({row[i], row[i + 1], row[i + 2]});
  return events;
}

TEST(Parser, HearsTheStreamsOfTheFixtureInEveryCutting) {
  const auto cases = test::rows("event_streams.tsv");
  ASSERT_GT(cases.size(), 60u);
  for (const auto& row : cases) {
    const std::string& bytes = row[0];
    const auto events = expected(row);
    EXPECT_EQ(hear({bytes}).events, events) << bytes;
    std::vector<std::string> single;
    for (const char c : bytes) single.emplace_back(1, c);
    EXPECT_EQ(hear(single).events, events) << bytes << " byte by byte";
    for (std::size_t at = 1; at < bytes.size() && bytes.size() < 600; ++at) {
      EXPECT_EQ(hear({bytes.substr(0, at), bytes.substr(at)}).events, events) << bytes << " cut at " << at;
    }
  }
}

TEST(Parser, GivesBackEveryByteOfCompleteBlocks) {
  const std::string bytes =
      "data: a\n\n: comment\n\nevent: x\r\ndata: b\r\ndata: c\r\n\r\nid: 7\n\ndata:d\r\r";
  for (std::size_t at = 0; at < bytes.size(); ++at)
    EXPECT_EQ(hear({bytes.substr(0, at), bytes.substr(at)}).raw, bytes) << at;
}

TEST(Parser, HoldsOneUnfinishedBlockOfBoundedSize) {
  Parser parser(64);
  parser.feed("data: 12345");
  EXPECT_FALSE(parser.next());
  EXPECT_EQ(parser.pending(), 11u);
  const std::string more(100, 'x');
  parser.feed(more);
  EXPECT_FALSE(parser.next());
  EXPECT_TRUE(parser.overflow());
}

}  // namespace
}  // namespace kt::sse

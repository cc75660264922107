#include "kt/audit/feed.hpp"

#include <gtest/gtest.h>

#include "support/audit_log.hpp"

namespace kt::audit {
namespace {

using namespace std::chrono_literals;
using test::Directory;
using test::Writer;

class AuditFeed : public testing::Test {
 protected:
  AuditFeed() { writer.options.checkpoint_lines = 5; }
  Feed open(bool signed_only = false) {
    auto feed = Feed::open(directory.path, cursor, signed_only);
    EXPECT_TRUE(feed) << feed.error().message;
    return std::move(*feed);
  }
  std::vector<std::string> next(Feed& feed, std::size_t bytes = 1 << 20) {
    auto lines = feed.next(writer.engine->durable(), bytes);
    EXPECT_TRUE(lines) << lines.error().message;
    return *lines;
  }
  void sync() {
    writer.hands.pass(10ms);
    writer.engine->tick(true);
  }
  Directory directory;
  Writer writer{directory.path};
  const std::string cursor = directory.path + "/cursor";
};

TEST_F(AuditFeed, GivesWhatIsOnTheDiskOnceItArrivedAndNotBefore) {
  ASSERT_TRUE(writer.open());
  Feed feed = open();
  EXPECT_EQ(next(feed).size(), 1u);  // segment.start
  writer.request("r-1");
  sync();
  const auto lines = next(feed);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[2].find("\"request_id\":\"r-1\""), std::string::npos);
  EXPECT_EQ(next(feed), lines);  // not done: the same again
  ASSERT_TRUE(feed.done());
  EXPECT_TRUE(next(feed).empty());
  writer.request("r-2");
  sync();
  Feed again = open();  // another run goes on behind the cursor
  EXPECT_EQ(next(again).size(), 2u);
}

TEST_F(AuditFeed, LeavesOutWhatMayStillBeTakenBack) {
  ASSERT_TRUE(writer.open());
  Feed feed = open();
  writer.request("r-1");
  sync();
  const Durable before = writer.engine->durable();
  writer.hands.pass(1ms);
  writer.request("r-2");
  EXPECT_EQ(writer.engine->durable().bytes, before.bytes);
  EXPECT_EQ(next(feed).size(), 3u);
}

TEST_F(AuditFeed, GoesOverSegmentsInPartsAndPastMissingOnes) {
  writer.options.segment_bytes = 2000;
  ASSERT_TRUE(writer.open());
  for (int i = 0; i < 20; ++i) writer.request("r-" + std::to_string(i));
  sync();
  Feed feed = open();
  std::vector<std::string> all;
  for (auto part = next(feed, 1500); !part.empty(); part = next(feed, 1500)) {
    all.insert(all.end(), part.begin(), part.end());
    ASSERT_TRUE(feed.done());
  }
  std::string text;
  for (int number = 1; number <= 60; ++number) text += test::read(test::segment(directory.path, number));
  EXPECT_EQ(all.size(), test::lines_of(text).size());
  std::filesystem::remove(cursor);
  std::filesystem::remove(test::segment(directory.path, 1));
  Feed rest = open();
  EXPECT_NE(next(rest).front().find("\"segment\":2"), std::string::npos);
}

TEST_F(AuditFeed, AWitnessGetsSignedLinesOnly) {
  ASSERT_TRUE(writer.open());
  for (int i = 0; i < 10; ++i) writer.request("r-" + std::to_string(i));
  sync();
  Feed feed = open(true);
  const auto lines = next(feed);
  EXPECT_GE(lines.size(), 3u);
  for (const std::string& line : lines) EXPECT_NE(line.find(",\"sig\":\""), std::string::npos);
}

TEST_F(AuditFeed, RefusesAFileThatIsNoCursor) {
  ASSERT_TRUE(writer.open());
  for (const char* text : {"", "x", "kt-audit-cursor 1\n", "kt-audit-cursor 1 2", "kt-audit-cursor 1 2\nx"}) {
    test::write(cursor, text);
    EXPECT_FALSE(Feed::open(directory.path, cursor, false)) << text;
  }
}

}  // namespace
}  // namespace kt::audit

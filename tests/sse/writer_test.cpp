#include "kt/sse/writer.hpp"

#include <gtest/gtest.h>

#include "kt/sse/parser.hpp"

namespace kt::sse {
namespace {

TEST(Writer, WhatIsWrittenIsReadAgain) {
  for (const std::string_view data : {"", "one", "{\"a\":\n1,\n\"b\":2}", "ends\n"}) {
    for (const std::string_view type : {"", "kind"}) {
      std::string out;
      append_event(type, data, out);
      Parser parser(1 << 20);
      parser.feed(out);
      const auto event = parser.next();
      ASSERT_TRUE(event.has_value());
      EXPECT_EQ(event->data, data);
      EXPECT_EQ(event->type, type);
      EXPECT_EQ(event->raw, out);
    }
  }
}

}  // namespace
}  // namespace kt::sse

#include <gtest/gtest.h>

#include "kt/http/head.hpp"
#include "support/fixture.hpp"

namespace kt::http {
namespace {

// Reads a whole connection the way a server does: heads and bodies until the bytes end or something is wrong.
struct Reading {
  bool rejected = false;
  int requests = 0;
};

bool skip_chunked(std::string_view& rest, Reading& reading) {
  ChunkedDecoder decoder;
  while (!rest.empty()) {
    const auto step = decoder.step(rest);
    rest.remove_prefix(step.consumed);
    if (step.state == ChunkedDecoder::State::done) return true;
    if (step.state == ChunkedDecoder::State::bad) return reading.rejected = true, false;
  }
  return false;
}

Reading read_requests(std::string_view rest) {
  Reading reading;
  while (!rest.empty()) {
    RequestHead head;
    const HeadResult result = parse_request_head(rest, {}, head);
    if (result.state == HeadState::reject) reading.rejected = true;
    if (result.state != HeadState::complete) return reading;
    rest.remove_prefix(result.consumed);
    if (head.framing == Framing::length) {
      if (rest.size() < head.content_length) return reading;
      rest.remove_prefix(head.content_length);
    }
    if (head.framing == Framing::chunked && !skip_chunked(rest, reading)) return reading;
    ++reading.requests;
    if (!head.keep_alive) break;
  }
  return reading;
}

TEST(RequestHead, DecidesTheConnectionsOfTheFixture) {
  const auto cases = test::rows("request_heads.tsv");
  ASSERT_GT(cases.size(), 600u);
  for (const auto& row : cases) {
    const Reading reading = read_requests(row[2]);
    if (row[0] == "accept") {
      EXPECT_EQ(reading.requests, std::stoi(row[1])) << row[2];  // what follows them may be refused
    } else {
      EXPECT_TRUE(reading.rejected) << row[2];
    }
  }
}

TEST(RequestHead, GivesTheSameVerdictHoweverFewBytesAreThere) {
  for (const auto& row : test::rows("request_heads.tsv")) {
    RequestHead head;
    const HeadResult whole = parse_request_head(row[2], {}, head);
    for (std::size_t size = 1; size < row[2].size(); ++size) {
      const HeadResult part = parse_request_head(std::string_view(row[2]).substr(0, size), {}, head);
      if (part.state == HeadState::complete) {
        EXPECT_EQ(part.consumed, whole.consumed) << row[2];
      } else if (part.state == HeadState::reject) {
        EXPECT_EQ(whole.state, HeadState::reject) << row[2] << " refused after " << size << " bytes";
      }
    }
  }
}

TEST(RequestHead, ReadsWhatMatters) {
  RequestHead head;
  const std::string text =
      "POST /v1/x?a=b HTTP/1.1\r\nHost: example\r\nContent-Length: 12\r\nExpect: 100-continue\r\nX-A:  v "
      "\r\n\r\n";
  const std::string bytes = text + "rest";
  const HeadResult result = parse_request_head(bytes, {}, head);
  EXPECT_EQ(result.state, HeadState::complete);
  EXPECT_EQ(result.consumed, text.size());
  EXPECT_EQ(head.method, Method::post);
  EXPECT_EQ(head.path, "/v1/x");
  EXPECT_EQ(head.query, "a=b");
  EXPECT_EQ(head.host, "example");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.expect_continue && head.keep_alive);
  EXPECT_EQ(head.fields.find("x-a")->value, "v");
  EXPECT_EQ(head.fields.find("x-b"), nullptr);
}

TEST(RequestHead, NamesTheStatusOfARefusal) {
  const auto status = [](const std::string& text, HeadLimits limits = {}) {
    RequestHead head;
    const HeadResult result = parse_request_head(text, limits, head);
    return result.state == HeadState::reject ? result.status : 0;
  };
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status("GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n\r\n"), 414);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nx: " + std::string(20000, 'x')), 431);
  EXPECT_EQ(status(std::string(40, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"), 501);
}

// What a client reads of a connection: final status and body bytes, or nothing usable.
struct Answer {
  int status = 0;
  std::size_t body = 0;
};

std::optional<Answer> read_response(std::string_view rest) {
  for (;;) {
    ResponseHead head;
    const HeadResult result = parse_response_head(rest, {}, false, head);
    if (result.state != HeadState::complete) return std::nullopt;
    rest.remove_prefix(result.consumed);
    if (head.status / 100 == 1) continue;
    Answer answer{head.status, 0};
    if (head.framing == Framing::until_close) answer.body = rest.size();
    if (head.framing == Framing::length) {
      if (rest.size() < head.content_length) return std::nullopt;
      answer.body = head.content_length;
    }
    if (head.framing != Framing::chunked) return answer;
    ChunkedDecoder decoder;
    while (!rest.empty()) {
      const auto step = decoder.step(rest);
      rest.remove_prefix(step.consumed);
      answer.body += step.data.size();
      if (step.state == ChunkedDecoder::State::done) return answer;
      if (step.state == ChunkedDecoder::State::bad) return std::nullopt;
    }
    return std::nullopt;
  }
}

TEST(ResponseHead, DecidesTheAnswersOfTheFixture) {
  const auto cases = test::rows("response_heads.tsv");
  ASSERT_GT(cases.size(), 60u);
  for (const auto& row : cases) {
    const auto answer = read_response(row[3]);
    if (row[0] != "either") {
      EXPECT_EQ(answer.has_value(), row[0] == "accept") << row[3];
    }
    if (answer && row[1] != "-") {
      EXPECT_EQ(answer->status, std::stoi(row[1])) << row[3];
      EXPECT_EQ(answer->body, std::stoul(row[2])) << row[3];
    }
  }
}

}  // namespace
}  // namespace kt::http

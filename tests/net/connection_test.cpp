#include "kt/net/connection.hpp"

#include <gtest/gtest.h>

#include "kt/net/response_reader.hpp"
#include "kt/net/task.hpp"
#include "support/scripted_stream.hpp"

namespace kt::net {
namespace {

struct Peer {
  Loop loop;
  test::ScriptedStream* stream = new test::ScriptedStream;
  Connection connection{loop, std::unique_ptr<Stream>(stream)};
  bool done = false;
  static void finished(void* context, std::exception_ptr failure) {
    ASSERT_FALSE(failure);
    static_cast<Peer*>(context)->done = true;
  }
};

struct Answer {
  Status head, body;
  int status = 0;
  std::string text;
  bool reusable = false;
};

Task<void> read_answer(Peer& peer, Answer& answer) {
  {
    ResponseReader reader(peer.connection);
    answer.head = co_await reader.read_head(kNever);
    if (answer.head) {
      answer.status = reader.head().status;
      answer.body = co_await reader.read_body(answer.text, 1000, kNever);
      answer.reusable = reader.reusable();
    }
  }
  co_await peer.connection.finish();
}

// Plays `bytes` in two pieces, then the end of the connection.
Answer play(std::string_view bytes, std::size_t cut) {
  Peer peer;
  Answer answer;
  spawn(read_answer(peer, answer), &Peer::finished, &peer);
  for (const std::string_view piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
    if (!piece.empty() && peer.stream->reading()) peer.stream->deliver(piece);
  }
  if (peer.stream->reading()) peer.stream->end();
  EXPECT_TRUE(peer.done);
  return answer;
}

TEST(ResponseReader, ReadsAnAnswerInEveryCutting) {
  const std::string_view fixed = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
  const std::string_view chunked =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
  const std::string_view closing = "HTTP/1.1 200 OK\r\n\r\nhello";
  for (const std::string_view bytes : {fixed, chunked, closing}) {
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      const Answer answer = play(bytes, cut);
      ASSERT_TRUE(answer.head && answer.body) << cut;
      EXPECT_EQ(answer.text, "hello");
      EXPECT_EQ(answer.reusable, bytes.data() != closing.data()) << cut;
    }
  }
}

TEST(ResponseReader, AnAnswerThatEndsEarlyIsTruncatedWhereverThatIs) {
  const std::string_view bytes = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Answer answer = play(bytes.substr(0, size), size / 2);
    const Error error = answer.head ? answer.body.error() : answer.head.error();
    EXPECT_EQ(error.code, size == 0 ? Code::upstream_reset : Code::upstream_truncated) << size;
  }
}

TEST(ResponseReader, ABodyOverTheLimitIsRefused) {
  const Answer answer = play("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nxxxx", 3);
  EXPECT_EQ(answer.body.error().code, Code::upstream_too_large);
}

TEST(ResponseReader, BytesBehindTheAnswerMakeTheConnectionUseless) {
  const Answer answer = play("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1", 0);
  EXPECT_EQ(answer.text, "ok");
  EXPECT_FALSE(answer.reusable);
}

Task<void> write_twice(Peer& peer, std::error_code& second) {
  const std::error_code first = co_await peer.connection.send(Pieces("one"));
  EXPECT_FALSE(first);
  peer.stream->write_error = std::make_error_code(std::errc::broken_pipe);
  second = co_await peer.connection.send(Pieces("two"));
  co_await peer.connection.finish();
}

TEST(Connection, AFailedWriteIsTold) {
  Peer peer;
  std::error_code second;
  spawn(write_twice(peer, second), &Peer::finished, &peer);
  EXPECT_TRUE(peer.done);
  EXPECT_EQ(peer.stream->written, "one");
  EXPECT_EQ(second, std::errc::broken_pipe);
}

// Takes a byte of the write every 10 ms, `bytes` times; then nothing more, or the rest at once.
struct SlowPeer : Deadline {
  SlowPeer(Peer& owner, int bytes, bool finishes)
      : Deadline(owner.loop, [](Deadline& self) { static_cast<SlowPeer&>(self).take(); }),
        peer(owner),
        left(bytes),
        finishes(finishes) {
    set(Clock::now());
  }
  void take() {
    if (left-- > 0) {
      peer.stream->take();
      set(Clock::now() + std::chrono::milliseconds(10));
    } else if (finishes) {
      peer.stream->finish_write();
    }
  }
  Peer& peer;
  int left;
  const bool finishes;
};

Task<void> write_slowly(Peer& peer, std::error_code& result) {
  peer.stream->hold_writes = true;
  peer.connection.set_write_timeout(std::chrono::milliseconds(250));
  result = co_await peer.connection.send(Pieces("a long answer"));
  co_await peer.connection.finish();
  peer.loop.stop();
}

TEST(Connection, AWriteLastsAsLongAsThePeerTakesSomething) {
  for (const bool finishes : {true, false}) {
    Peer peer;
    std::error_code result;
    spawn(write_slowly(peer, result), &Peer::finished, &peer);
    const Time begun = Clock::now();
    SlowPeer slow(peer, 60, finishes);
    peer.loop.run();
    EXPECT_TRUE(peer.done);
    EXPECT_GE(Clock::now() - begun, std::chrono::milliseconds(600));
    EXPECT_EQ(result, finishes ? std::error_code() : IoError::timed_out);
  }
}

TEST(Connection, AWatchedPeerThatEndsIsNoticedOnce) {
  for (const bool reset : {false, true}) {
    Peer peer;
    int gone = 0;
    peer.connection.reserve(4096);
    peer.connection.watch([](void* context) { ++*static_cast<int*>(context); }, &gone);
    ASSERT_TRUE(peer.stream->reading());
    peer.stream->deliver("pipelined");
    EXPECT_EQ(gone, 0);
    ASSERT_TRUE(peer.stream->reading());
    if (reset) {
      peer.stream->fail();
    } else {
      peer.stream->end();
    }
    EXPECT_EQ(gone, 1);
    EXPECT_TRUE(peer.connection.ended());
    EXPECT_EQ(peer.connection.bytes(), "pipelined");
  }
}

}  // namespace
}  // namespace kt::net

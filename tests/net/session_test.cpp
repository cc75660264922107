#include "kt/net/session.hpp"

#include <gtest/gtest.h>

#include "support/scripted_stream.hpp"

namespace kt::net {
namespace {

// Answers every request with its size.
struct Sizes final : Handler {
  SessionLimits limits() const override { return {}; }
  std::optional<Refusal> admit(const http::RequestHead&, Downstream&) override { return std::nullopt; }
  Task<void> serve(const http::RequestHead&, std::string_view body, Downstream& down) override {
    sizes.push_back(body.size());
    co_await down.reply(200, {}, "ok");
  }
  std::string explain(const Refusal& refusal, const http::RequestHead*, std::string&) override {
    return refusal.error.message;
  }
  std::vector<std::size_t> sizes;
};

struct Client {
  Loop loop;
  Sizes handler;
  SessionSet sessions{loop};
  test::ScriptedStream* stream = new test::ScriptedStream;
  Client() { sessions.add(std::unique_ptr<Stream>(stream), handler); }
  ~Client() { stream->end(); }

  // Sends as much as each read has room for; returns how often the bytes did not follow the ones before.
  int send(std::string_view bytes) {
    int moves = 0;
    const char* next = nullptr;
    while (!bytes.empty() && stream->reading()) {
      const std::span<char> room = stream->room();
      const std::size_t n = std::min(bytes.size(), room.size());
      moves += room.data() != next;
      next = room.data() + n;
      stream->deliver(bytes.substr(0, n));
      bytes.remove_prefix(n);
    }
    EXPECT_TRUE(bytes.empty());
    return moves;
  }
};

constexpr std::size_t kSize = 32u << 20;

TEST(Session, ABodyOfManyMegabytesIsMovedAFewTimesOnly) {
  Client client;
  EXPECT_LE(client.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: " + std::to_string(kSize) +
                        "\r\n\r\n" + std::string(kSize, 'x')),
            16);
  EXPECT_EQ(client.handler.sizes, std::vector<std::size_t>{kSize});
}

TEST(Session, SoIsAChunkedOne) {
  Client client;
  std::string message = "POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n";
  const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
  for (std::size_t i = 0; i < kSize / 65536; ++i) message += chunk;
  EXPECT_LE(client.send(message + "0\r\n\r\n"), 16);
  EXPECT_EQ(client.handler.sizes, std::vector<std::size_t>{kSize});
}

}  // namespace
}  // namespace kt::net

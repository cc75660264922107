#pragma once
// The server side of a connection: the strict gate, bodies, keep-alive and pipelining, refusals, drain. What
// is answered is the Handler's business.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kt/base/error.hpp"
#include "kt/http/head.hpp"
#include "kt/net/connection.hpp"
#include "kt/net/task.hpp"

namespace kt::net {

// Writes one answer. The first byte written is the commit point.
class Downstream {
 public:
  Downstream(Connection& connection, const http::RequestHead& head, const bool& draining);

  // A complete answer. `fields` are rendered header lines ("name: value\r\n"...), without framing fields and
  // Date. co_await; the result tells whether the client took it.
  [[nodiscard]] Connection::SendAwait reply(int status, std::string_view fields, std::string_view body);

  // A streamed answer: nothing is written before the first chunk. Chunks must not be empty.
  void begin_stream(int status, std::string_view fields);
  [[nodiscard]] Connection::SendAwait chunk(std::string_view data);
  // The last bytes (maybe none) and the end, in one write.
  [[nodiscard]] Connection::SendAwait finish(std::string_view data);
  // Ends a committed stream visibly: the connection is closed without its last chunk.
  void abort() {
    aborted_ = true;
    keep_alive_ = false;
  }

  // The client is gone (end of file counts): called once, from the loop, within 10 ms.
  void on_gone(void (*gone)(void* context), void* context) { connection_.watch_soon(gone, context); }
  void forget_gone() { connection_.unwatch(); }

  [[nodiscard]] bool committed() const { return committed_; }
  [[nodiscard]] bool keep_alive() const { return keep_alive_; }
  [[nodiscard]] bool finished() const { return finished_ && !aborted_; }
  [[nodiscard]] bool gone() const { return connection_.ended(); }
  void close_after() { keep_alive_ = false; }
  [[nodiscard]] Loop& loop() { return connection_.loop(); }
  [[nodiscard]] std::string_view peer() const { return connection_.peer(); }
  [[nodiscard]] bool peer_is_loopback() const { return connection_.stream().peer_is_loopback(); }

 private:
  void render_head(int status, std::string_view fields, std::string_view framing);

  Connection& connection_;
  std::string head_;
  char chunk_line_[20] = {};
  const bool& draining_;  // of the session set: may turn true while the exchange runs
  bool keep_alive_, head_only_, chunked_;
  bool committed_ = false, finished_ = false, aborted_ = false;
};

struct Refusal {
  Error error;
  std::string fields = {};  // further header lines
};

struct SessionLimits {
  Clock::duration header_timeout = std::chrono::seconds(10), idle_timeout = std::chrono::seconds(60),
                  body_timeout = std::chrono::seconds(60), write_timeout = std::chrono::seconds(30);
  http::HeadLimits head;
  std::size_t max_body_bytes = 64u << 20;
};

class Handler {
 public:
  virtual ~Handler() = default;

  // The limits for the next request; copied by the session.
  [[nodiscard]] virtual SessionLimits limits() const = 0;

  // Called when the head is complete, before its body is read or 100 Continue is sent. A refusal is answered
  // and the connection closed when a body was announced.
  virtual std::optional<Refusal> admit(const http::RequestHead& head, Downstream& down) = 0;

  // Answers one request through `down`. The views live until it returns.
  virtual Task<void> serve(const http::RequestHead& head, std::string_view body, Downstream& down) = 0;

  // The header lines and body of a refusal: `fields` gets lines, the result is the body.
  virtual std::string explain(const Refusal& refusal, const http::RequestHead* head, std::string& fields) = 0;
};

// The connections of one worker.
class SessionSet {
 public:
  explicit SessionSet(Loop& loop) : loop_(loop) {}
  // Serves `stream` until it ends. `handler` must outlive the set.
  void add(std::unique_ptr<Stream> stream, Handler& handler);
  // Idle connections are closed now, the others after the answer they are working on. `empty` is called when
  // none is left.
  void drain(std::function<void()> empty);
  // Ends what is left.
  void cut();
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool draining() const { return draining_; }

 private:
  friend class Session;
  void remove(class Session& session);
  Loop& loop_;
  class Session* first_ = nullptr;
  std::size_t count_ = 0;
  bool draining_ = false;
  std::function<void()> empty_;
};

}  // namespace kt::net

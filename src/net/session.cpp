#include "kt/net/session.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kt::net {
namespace {

constexpr std::size_t kWatchRoom = 1u << 10;  // least room for the read that watches for the client's end
constexpr std::size_t kReadRoom = 16u << 10;  // least room for the next read of a body
constexpr std::size_t kLingerBytes = 64u << 10;
constexpr std::chrono::seconds kLingerTime{1};

}  // namespace

class Session {
 public:
  Session(SessionSet& set, std::unique_ptr<Stream> stream, Handler& handler)
      : set_(set), handler_(handler), limits_(handler.limits()), connection_(set.loop_, std::move(stream)) {}

  Task<void> run();
  void end_if_idle() {
    if (idle_) connection_.close();
  }
  void cut() { connection_.close(); }

  Session* next = nullptr;
  Session* previous = nullptr;

 private:
  // Where the body stands in the connection's bytes: decoded in place, raw bytes end at `end`.
  struct Body {
    std::size_t begin = 0, size = 0, end = 0;
  };

  Task<bool> wait_for_request();
  Task<bool> serve_one();
  Task<bool> read_head(http::RequestHead& head, std::size_t& consumed);
  Task<bool> read_body(const http::RequestHead& head, Body& body);
  Task<bool> read_length(std::uint64_t length, Body& body);
  Task<bool> read_chunked(Body& body);
  Task<void> refuse(const Refusal& refusal, const http::RequestHead* head, Downstream& down);
  Task<void> refuse_unread(Error error);
  Task<bool> more_body();
  Task<void> linger();
  void grow(std::uint64_t wanted);

  SessionSet& set_;
  Handler& handler_;
  SessionLimits limits_;  // of the request at hand
  Connection connection_;
  bool idle_ = true;
};

Task<void> Session::run() {
  for (;;) {
    const bool request = co_await wait_for_request();
    if (!request) break;
    const bool keep = co_await serve_one();
    if (!keep || set_.draining_) break;
  }
  co_await connection_.finish();
}

Task<bool> Session::wait_for_request() {
  idle_ = true;
  if (connection_.bytes().empty()) connection_.shrink();
  while (connection_.bytes().empty()) {
    const Wake wake = co_await connection_.more(Clock::now() + limits_.idle_timeout);
    if (wake != Wake::data || set_.draining_) co_return false;
  }
  idle_ = false;
  limits_ = handler_.limits();
  connection_.set_write_timeout(limits_.write_timeout);
  co_return true;
}

Task<bool> Session::serve_one() {
  http::RequestHead head;
  Body body;
  const bool complete = co_await read_head(head, body.begin);
  if (!complete) co_return false;

  Downstream down(connection_, head, set_.draining_);
  if (head.framing == http::Framing::length && head.content_length > limits_.max_body_bytes) {
    const Refusal too_large{{Code::too_large, "the request body is larger than " +
                                                  std::to_string(limits_.max_body_bytes) + " bytes"}};
    co_await refuse(too_large, &head, down);
    co_return false;
  }
  if (std::optional<Refusal> refusal = handler_.admit(head, down)) {
    if (head.framing == http::Framing::none && down.keep_alive()) {
      std::string fields;
      const std::string text = handler_.explain(*refusal, &head, fields);
      const std::error_code sent = co_await down.reply(info(refusal->error.code).status, fields, text);
      connection_.consume(body.begin);
      co_return !sent;
    }
    co_await refuse(*refusal, &head, down);
    co_return false;
  }

  const char* before = connection_.bytes().data();
  const bool whole = co_await read_body(head, body);
  if (!whole) co_return false;
  if (!connection_.armed()) connection_.reserve(kWatchRoom);
  if (connection_.bytes().data() != before) {  // the buffer moved: the head's views with it
    http::parse_request_head(connection_.bytes().substr(0, body.begin), limits_.head, head);
  }
  co_await handler_.serve(head, connection_.bytes().substr(body.begin, body.size), down);
  down.forget_gone();
  connection_.consume(body.end);
  co_return down.finished() && down.keep_alive() && !connection_.ended();
}

Task<bool> Session::read_head(http::RequestHead& head, std::size_t& consumed) {
  const Time deadline = Clock::now() + limits_.header_timeout;
  for (;;) {
    const http::HeadResult result = http::parse_request_head(connection_.bytes(), limits_.head, head);
    if (result.state == http::HeadState::complete) {
      consumed = result.consumed;
      co_return true;
    }
    if (result.state == http::HeadState::reject) {
      Code code = Code::bad_request;
      if (result.status == 414) code = Code::uri_too_long;
      if (result.status == 417) code = Code::expectation_failed;
      if (result.status == 431) code = Code::header_too_large;
      if (result.status == 501) code = Code::not_implemented;
      Error error{code, std::string("malformed HTTP request: ") + result.reason};
      co_await refuse_unread(std::move(error));
      co_return false;
    }
    const Wake wake = co_await connection_.more(deadline);
    if (wake == Wake::timed_out) {
      Error error{Code::request_timeout, "the request head took too long"};
      co_await refuse_unread(std::move(error));
    }
    if (wake != Wake::data) co_return false;
  }
}

Task<bool> Session::read_body(const http::RequestHead& head, Body& body) {
  body.end = body.begin;
  if (head.framing == http::Framing::none) co_return true;
  if (head.expect_continue && connection_.bytes().size() == body.begin) {
    const std::error_code sent = co_await connection_.send(Pieces("HTTP/1.1 100 Continue\r\n\r\n"));
    if (sent) co_return false;
  }
  bool whole = false;
  if (head.framing == http::Framing::length) {
    whole = co_await read_length(head.content_length, body);
  } else {
    whole = co_await read_chunked(body);
  }
  co_return whole;
}

// Room for a body doubles with what has arrived: an announced length alone costs nothing, and every byte is
// moved once or twice whatever the length.
void Session::grow(std::uint64_t wanted) {
  const std::uint64_t all = wanted + kWatchRoom;
  if (connection_.room() >= std::min<std::uint64_t>(all, kReadRoom)) return;
  const std::size_t have = connection_.bytes().size();
  connection_.reserve(std::min<std::uint64_t>(all, std::max(have, kReadRoom)));
}

Task<bool> Session::more_body() {
  const Wake wake = co_await connection_.more(Clock::now() + limits_.body_timeout);
  if (wake == Wake::timed_out) {
    Error error{Code::request_timeout, "the request body took too long"};
    co_await refuse_unread(std::move(error));
  }
  co_return wake == Wake::data;
}

Task<bool> Session::read_length(std::uint64_t length, Body& body) {
  body.size = length;
  body.end = body.begin + length;
  while (connection_.bytes().size() < body.end) {
    if (!connection_.armed()) grow(body.end - connection_.bytes().size());
    const bool came = co_await more_body();
    if (!came) co_return false;
  }
  co_return true;
}

// Runs of body bytes are moved down over the framing, so the body ends up contiguous without a second buffer.
Task<bool> Session::read_chunked(Body& body) {
  http::ChunkedDecoder decoder;
  for (;;) {
    while (body.end < connection_.bytes().size()) {
      const http::ChunkedDecoder::Step step = decoder.step(connection_.bytes().substr(body.end));
      if (step.state == http::ChunkedDecoder::State::bad) {
        Error error{Code::bad_request, std::string("malformed HTTP request: ") + step.reason};
        co_await refuse_unread(std::move(error));
        co_return false;
      }
      std::memmove(connection_.mutable_bytes() + body.begin + body.size, step.data.data(), step.data.size());
      body.size += step.data.size();
      body.end += step.consumed;
      if (step.state == http::ChunkedDecoder::State::done) co_return true;
      if (body.size > limits_.max_body_bytes) {
        Error error{Code::too_large,
                    "the request body is larger than " + std::to_string(limits_.max_body_bytes) + " bytes"};
        co_await refuse_unread(std::move(error));
        co_return false;
      }
    }
    if (!connection_.armed()) grow(limits_.max_body_bytes);
    const bool came = co_await more_body();
    if (!came) co_return false;
  }
}

Task<void> Session::refuse_unread(Error error) {
  http::RequestHead none;
  none.keep_alive = false;
  Downstream down(connection_, none, true);
  const Refusal refusal{std::move(error)};
  co_await refuse(refusal, nullptr, down);
}

Task<void> Session::refuse(const Refusal& refusal, const http::RequestHead* head, Downstream& down) {
  down.close_after();
  std::string fields;
  const std::string text = handler_.explain(refusal, head, fields);
  const std::error_code sent = co_await down.reply(info(refusal.error.code).status, fields, text);
  if (!sent) co_await linger();
}

// The client may still be sending: an immediate close would reset the connection and take our answer with it.
Task<void> Session::linger() {
  connection_.stream().shutdown_send();
  const Time deadline = Clock::now() + kLingerTime;
  std::size_t dropped = 0;
  while (dropped < kLingerBytes) {
    const Wake wake = co_await connection_.more(deadline);
    if (wake != Wake::data) co_return;
    dropped += connection_.bytes().size();
    connection_.consume(connection_.bytes().size());
  }
}

void SessionSet::add(std::unique_ptr<Stream> stream, Handler& handler) {
  auto session = std::make_unique<Session>(*this, std::move(stream), handler);
  session->next = first_;
  if (first_ != nullptr) first_->previous = session.get();
  first_ = session.get();
  ++count_;
  Session* kept = session.release();
  struct Context {
    SessionSet* set;
    Session* session;
  };
  Task<void> running = kept->run();
  spawn(
      std::move(running),
      [](void* context, std::exception_ptr) {
        const std::unique_ptr<Context> both(static_cast<Context*>(context));
        both->set->remove(*both->session);
        delete both->session;
      },
      new Context{this, kept});
}

void SessionSet::remove(Session& session) {
  (session.previous != nullptr ? session.previous->next : first_) = session.next;
  if (session.next != nullptr) session.next->previous = session.previous;
  if (--count_ == 0 && draining_ && empty_) loop_.post(std::exchange(empty_, nullptr));
}

void SessionSet::drain(std::function<void()> empty) {
  draining_ = true;
  empty_ = std::move(empty);
  if (count_ == 0) {
    loop_.post(std::exchange(empty_, nullptr));
    return;
  }
  for (Session* each = first_; each != nullptr; each = each->next) each->end_if_idle();
}

void SessionSet::cut() {
  for (Session* each = first_; each != nullptr; each = each->next) each->cut();
}

}  // namespace kt::net

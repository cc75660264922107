#pragma once
// A stream with a read-ahead buffer. One read is kept armed, also while nobody waits for bytes: that is how a
// peer that goes away is noticed at once, in every phase, without cancelling and restarting reads. The bytes
// read ahead stay in the buffer.

#include <coroutine>
#include <memory>
#include <string_view>

#include "kt/net/loop.hpp"
#include "kt/net/stream.hpp"

namespace kt::net {

enum class Wake : unsigned char { data, end, failed, timed_out };

class Connection {
 public:
  Connection(Loop& loop, std::unique_ptr<Stream> stream);
  // No read or write may be pending: await finish() first.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What has been read and not consumed. Invalidated by reserve() and by co_await more().
  [[nodiscard]] std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] char* mutable_bytes() { return data_.get() + begin_; }
  void consume(std::size_t bytes);

  // co_await more(deadline): waits for new bytes, the end, or the deadline. A wait that timed out can be
  // repeated.
  struct MoreAwait {
    Connection& connection;
    Time deadline;
    bool await_ready() { return connection.begin_wait(deadline); }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { connection.waiter_ = waiter; }
    Wake await_resume() { return connection.end_wait(); }
  };
  [[nodiscard]] MoreAwait more(Time deadline) { return {*this, deadline}; }

  // co_await send(pieces): writes all; the error of the peer, or timed_out when the peer has taken nothing for
  // the write timeout (looked at once per timeout, so it may take up to two; the stream is closed then).
  struct SendAwait {
    Connection& connection;
    Pieces pieces;
    IoOp op = {};
    bool await_ready() { return connection.stream_->start_write(pieces, op); }
    void await_suspend(std::coroutine_handle<> waiter) {
      op.waiter = waiter;
      connection.await_progress();
    }
    std::error_code await_resume();
  };
  [[nodiscard]] SendAwait send(const Pieces& pieces) { return {*this, pieces}; }
  void set_write_timeout(Clock::duration timeout) { write_timeout_ = timeout; }

  // Makes room for `bytes` more beyond what is there. Only while no read is armed.
  void reserve(std::size_t bytes);
  [[nodiscard]] std::size_t room() const { return capacity_ - end_; }
  [[nodiscard]] bool armed() const { return armed_; }

  // While an exchange runs: keeps one read armed into the spare room, which never moves the buffer.
  // `gone(context)` is called once when the peer ends or fails. With the room full (16 KiB of pipelined
  // bytes) the watch ends silently.
  void watch(void (*gone)(void* context), void* context);
  void unwatch() {
    gone_ = nullptr;
    watch_deadline_.clear();
  }

  // The same within 10 ms: an answer that comes faster than that costs no read of its own.
  void watch_soon(void (*gone)(void* context), void* context);

  // The peer's address as text; asked for once. Lives as long as the connection.
  [[nodiscard]] std::string_view peer() {
    if (peer_.empty()) peer_ = stream_->peer_address();
    return peer_;
  }

  // True once the peer has ended its direction or the stream failed.
  [[nodiscard]] bool ended() const { return ended_; }

  // Wakes whoever waits in more() with Wake::failed, from the loop, and closes the stream.
  void close();
  [[nodiscard]] Stream& stream() { return *stream_; }
  [[nodiscard]] Loop& loop() { return loop_; }

  // co_await finish(): closes the stream and waits until no read is pending.
  struct FinishAwait {
    Connection& connection;
    bool await_ready() {
      connection.close();
      return !connection.armed_;
    }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { connection.waiter_ = waiter; }
    void await_resume() const noexcept {}
  };
  [[nodiscard]] FinishAwait finish() { return {*this}; }

  // Gives the buffer's memory back down to a small one when nothing is buffered and no read is armed.
  void shrink();

 private:
  struct ReadOp : IoOp {
    Connection* connection;
  };
  struct Timer : Deadline {
    Timer(Connection& owner, Loop& loop, Expired expired) : Deadline(loop, expired), connection(owner) {}
    Connection& connection;
  };

  bool begin_wait(Time deadline);
  Wake end_wait();
  bool arm();  // true: the read was done at once
  void take_read();
  void on_read();
  void await_progress();
  void check_progress();

  Loop& loop_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<char[]> data_;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
  ReadOp read_op_;
  bool armed_ = false, fresh_ = false, ended_ = false, failed_ = false, timed_out_ = false,
       write_timed_out_ = false;
  std::coroutine_handle<> waiter_;
  void (*gone_)(void*) = nullptr;
  void* gone_context_ = nullptr;
  Timer read_deadline_, write_deadline_, watch_deadline_;
  std::string peer_;
  Clock::duration write_timeout_ = std::chrono::seconds(30);
  std::size_t taken_ = 0;  // of the pending write, when its deadline was set
};

}  // namespace kt::net

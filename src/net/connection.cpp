#include "kt/net/connection.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace kt::net {
namespace {

constexpr std::size_t kSmall = 4u << 10;      // an idle connection's buffer
constexpr std::size_t kSpare = 1u << 10;      // least room for a read
constexpr std::size_t kMaxRead = 256u << 10;  // one read never takes more
constexpr std::size_t kKeep = 64u << 10;      // larger buffers are given back when empty

}  // namespace

Connection::Connection(Loop& loop, std::unique_ptr<Stream> stream)
    : loop_(loop),
      stream_(std::move(stream)),
      read_deadline_(*this, loop,
                     [](Deadline& self) {
                       Connection& connection = static_cast<Timer&>(self).connection;
                       connection.timed_out_ = true;
                       std::exchange(connection.waiter_, nullptr).resume();
                     }),
      write_deadline_(*this, loop,
                      [](Deadline& self) { static_cast<Timer&>(self).connection.check_progress(); }),
      watch_deadline_(*this, loop, [](Deadline& self) {
        Connection& connection = static_cast<Timer&>(self).connection;
        if (connection.gone_ != nullptr) connection.watch(connection.gone_, connection.gone_context_);
      }) {
  read_op_.connection = this;
  read_op_.then = [](IoOp& op) { static_cast<ReadOp&>(op).connection->on_read(); };
}

Connection::~Connection() { assert(!armed_); }

void Connection::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_ && !armed_) begin_ = end_ = 0;
}

void Connection::reserve(std::size_t bytes) {
  assert(!armed_);
  if (capacity_ - end_ >= bytes) return;
  const std::size_t held = end_ - begin_;
  if (capacity_ >= held + bytes && begin_ >= held) {
    std::memcpy(data_.get(), data_.get() + begin_, held);
  } else {
    const std::size_t wanted = std::max(held + bytes, std::min(capacity_ * 2, held + kMaxRead));
    auto grown = std::make_unique_for_overwrite<char[]>(std::max(wanted, kSmall));
    capacity_ = std::max(wanted, kSmall);
    if (held > 0) std::memcpy(grown.get(), data_.get() + begin_, held);
    data_ = std::move(grown);
  }
  begin_ = 0;
  end_ = held;
}

void Connection::shrink() {
  if (armed_ || begin_ != end_ || capacity_ <= kKeep) return;
  data_.reset();
  begin_ = end_ = capacity_ = 0;
}

bool Connection::arm() {
  armed_ = true;
  const std::size_t room = std::min(capacity_ - end_, kMaxRead);
  if (!stream_->start_read({data_.get() + end_, room}, read_op_)) return false;
  take_read();
  return true;
}

void Connection::take_read() {
  armed_ = false;
  if (read_op_.result.error) {
    ended_ = true;
    failed_ = read_op_.result.error != IoError::end;
    return;
  }
  end_ += read_op_.result.bytes;
  fresh_ = true;
}

void Connection::on_read() {
  take_read();
  if (waiter_) {
    read_deadline_.clear();
    std::exchange(waiter_, nullptr).resume();
    return;
  }
  if (gone_ == nullptr) return;
  if (ended_) {
    std::exchange(gone_, nullptr)(gone_context_);
  } else {
    watch(gone_, gone_context_);
  }
}

bool Connection::begin_wait(Time deadline) {
  timed_out_ = false;
  if (fresh_ || ended_) return true;
  if (!armed_) {
    reserve(kSpare);
    if (arm()) return true;
  }
  read_deadline_.set(deadline);
  return false;
}

Wake Connection::end_wait() {
  if (timed_out_) return Wake::timed_out;
  if (fresh_) {
    fresh_ = false;
    return Wake::data;
  }
  return failed_ ? Wake::failed : Wake::end;
}

void Connection::watch(void (*gone)(void*), void* context) {
  gone_ = gone;
  gone_context_ = context;
  while (!armed_ && !ended_ && end_ < capacity_) {
    if (!arm()) return;
  }
  if (ended_ && gone_ != nullptr) std::exchange(gone_, nullptr)(gone_context_);
}

void Connection::watch_soon(void (*gone)(void*), void* context) {
  gone_ = gone;
  gone_context_ = context;
  watch_deadline_.set(Clock::now());
}

void Connection::await_progress() {
  taken_ = stream_->taken();
  write_deadline_.set(Clock::now() + write_timeout_);
}

void Connection::check_progress() {
  if (stream_->taken() != taken_) return await_progress();
  write_timed_out_ = true;
  stream_->close();
}

void Connection::close() { stream_->close(); }

std::error_code Connection::SendAwait::await_resume() {
  connection.write_deadline_.clear();
  if (connection.write_timed_out_) return IoError::timed_out;
  return op.result.error;
}

}  // namespace kt::net

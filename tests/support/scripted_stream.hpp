#pragma once
// A stream whose reads and writes are decided by a test. Nothing happens until the test lets it.

#include <cstring>
#include <string>

#include "kt/net/stream.hpp"

namespace kt::test {

class ScriptedStream final : public net::Stream {
 public:
  bool start_read(std::span<char> into, net::IoOp& op) override {
    if (closed) return op.result = {net::IoError::closed, 0}, true;
    into_ = into;
    read_ = &op;
    return false;
  }
  bool start_write(const net::Pieces& pieces, net::IoOp& op) override {
    taken_ = 0;
    if (hold_writes) return write_ = &op, false;
    if (write_error) return op.result = {write_error, 0}, true;
    for (std::size_t i = 0; i < pieces.count; ++i)
      written.append(static_cast<const char*>(pieces.items[i].iov_base), pieces.items[i].iov_len);
    ++writes;
    op.result = {{}, 0};
    return true;
  }
  void close() override {
    closed = true;
    finish_read(net::IoError::closed, 0);
    finish_write(net::IoError::closed);
  }
  void shutdown_send() override {}
  std::size_t taken() const override { return taken_; }
  std::string peer_address() const override { return "192.0.2.1"; }
  bool peer_is_loopback() const override { return false; }

  // Gives the pending read some bytes. Requires reading().
  void deliver(std::string_view bytes) {
    std::memcpy(into_.data(), bytes.data(), bytes.size());
    finish_read({}, bytes.size());
  }
  void end() { finish_read(net::IoError::end, 0); }
  void fail() { finish_read(std::make_error_code(std::errc::connection_reset), 0); }
  [[nodiscard]] bool reading() const { return read_ != nullptr; }
  [[nodiscard]] std::span<char> room() const { return into_; }  // of the latest read

  // The peer takes a byte of the pending write, or all of it.
  void take() { ++taken_; }
  void finish_write(std::error_code error = {}) {
    if (net::IoOp* op = std::exchange(write_, nullptr)) op->complete(error, taken_);
  }

  std::string written;
  int writes = 0;
  bool closed = false, hold_writes = false;
  std::error_code write_error;

 private:
  void finish_read(std::error_code error, std::size_t bytes) {
    if (net::IoOp* op = std::exchange(read_, nullptr)) op->complete(error, bytes);
  }
  std::span<char> into_;
  net::IoOp* read_ = nullptr;
  net::IoOp* write_ = nullptr;
  std::size_t taken_ = 0;
};

}  // namespace kt::test

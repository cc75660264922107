#include "net/plain_stream.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <string>

namespace kt::net {
namespace {

class PlainStream final : public Stream {
 public:
  explicit PlainStream(Socket socket) : socket_(std::move(socket)) {}

  bool start_read(std::span<char> into, IoOp& op) override {
    if (!socket_.is_open()) {
      op.result = {IoError::closed, 0};
      return true;
    }
    socket_.async_read_some(
        asio::buffer(into.data(), into.size()),
        [&op](const boost::system::error_code& error, std::size_t n) { op.complete(translate(error), n); });
    return false;
  }

  // Straight to the kernel: a reply almost always fits its buffer, and then no event is needed.
  bool start_write(const Pieces& pieces, IoOp& op) override {
    left_ = pieces;
    first_ = 0;
    written_ = 0;
    return push(op);
  }

  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  void shutdown_send() override {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  std::size_t taken() const override { return written_; }
  std::string peer_address() const override { return peer_text(socket_); }
  bool peer_is_loopback() const override { return peer_loopback(socket_); }

 private:
  bool push(IoOp& op) {
    while (first_ < left_.count) {
      msghdr message{};
      message.msg_iov = left_.items.data() + first_;
      message.msg_iovlen = left_.count - first_;
      const ssize_t n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return wait(op);
        op.result = {socket_.is_open() ? std::error_code(errno, std::system_category()) : IoError::closed,
                     written_};
        return true;
      }
      advance(static_cast<std::size_t>(n));
    }
    op.result = {{}, written_};
    return true;
  }

  void advance(std::size_t sent) {
    written_ += sent;
    while (first_ < left_.count && sent >= left_.items[first_].iov_len) sent -= left_.items[first_++].iov_len;
    if (first_ < left_.count && sent > 0) {
      iovec& piece = left_.items[first_];
      piece = {static_cast<char*>(piece.iov_base) + sent, piece.iov_len - sent};
    }
  }

  bool wait(IoOp& op) {
    socket_.async_wait(Socket::wait_write, [this, &op](const boost::system::error_code& error) {
      if (error) {
        op.complete(translate(error), written_);
      } else if (push(op)) {
        op.complete(op.result.error, op.result.bytes);
      }
    });
    return false;
  }

  Socket socket_;
  Pieces left_;
  std::size_t first_ = 0, written_ = 0;
};

class IoCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "kt.io"; }
  std::string message(int value) const override {
    switch (static_cast<IoError>(value)) {
      case IoError::end:
        return "end of stream";
      case IoError::timed_out:
        return "timed out";
      case IoError::closed:
        return "closed";
      case IoError::tls_failed:
        return "TLS failed";
    }
    return "unknown";
  }
};

}  // namespace

std::error_code make_error_code(IoError error) {
  static const IoCategory category;
  return {static_cast<int>(error), category};
}

std::error_code translate(const boost::system::error_code& error) {
  if (!error) return {};
  if (error == asio::error::eof) return IoError::end;
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) return IoError::closed;
  return {error.value(), std::system_category()};
}

std::unique_ptr<Stream> make_plain_stream(Socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

std::string peer_text(const Socket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return {};
  char text[INET6_ADDRSTRLEN] = {};
  const sockaddr* address = peer.data();
  if (address->sa_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
  } else if (address->sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
  } else {
    return "unix";
  }
  const std::string_view mapped = text;
  return std::string(mapped.starts_with("::ffff:") && mapped.find('.') != mapped.npos ? mapped.substr(7)
                                                                                      : mapped);
}

bool peer_loopback(const Socket& socket) {
  const std::string peer = peer_text(socket);
  return peer == "unix" || peer == "::1" || peer.starts_with("127.");
}

}  // namespace kt::net

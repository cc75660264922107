#pragma once
// A byte stream to a peer: plain TCP, a Unix socket, or TLS over either. Not a template, so that whoever
// talks over it compiles without Asio or OpenSSL, and tests can put a scripted stream in its place.
//
// Thread rule: a stream belongs to one event loop and is used on its thread only.

#include <sys/uio.h>

#include <array>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace kt::net {

struct IoResult {
  std::error_code error;  // end of file is IoError::end
  std::size_t bytes = 0;
};

enum class IoError { end = 1, timed_out, closed, tls_failed };
std::error_code make_error_code(IoError error);

// One operation in flight: completes exactly once, by resuming the waiter or by calling `then`. It must
// outlive its completion.
struct IoOp {
  IoResult result;
  std::coroutine_handle<> waiter;
  void (*then)(IoOp& op) = nullptr;

  void complete(std::error_code error, std::size_t bytes) {
    result = {error, bytes};
    if (then != nullptr) {
      then(*this);
    } else {
      waiter.resume();
    }
  }
};

// What one write gathers: at most four pieces. The bytes must live until the write is done.
struct Pieces {
  std::array<iovec, 4> items{};
  std::size_t count = 0;
  Pieces() = default;
  Pieces(std::string_view one) { add(one); }  // NOLINT(google-explicit-constructor)
  void add(std::string_view piece) {
    if (!piece.empty())
      items[count++] = {const_cast<char*>(piece.data()),
                        piece.size()};  // NOLINT(cppcoreguidelines-pro-type-const-cast): iovec
  }
};

class Stream {
 public:
  virtual ~Stream() = default;

  // Reads some bytes. True: done at once, op.result is set and op is not completed again. At most one read at
  // a time.
  virtual bool start_read(std::span<char> into, IoOp& op) = 0;

  // Writes all pieces. True: done at once. At most one write at a time; a read may be pending beside it.
  virtual bool start_write(const Pieces& pieces, IoOp& op) = 0;

  // Bytes of the latest write that the kernel has taken so far.
  [[nodiscard]] virtual std::size_t taken() const = 0;

  // Ends both directions. Pending operations complete later, from the loop, with IoError::closed. May be
  // repeated.
  virtual void close() = 0;

  // Sends FIN (and close_notify); reading goes on.
  virtual void shutdown_send() = 0;

  [[nodiscard]] virtual std::string peer_address() const = 0;  // "127.0.0.1"; "unix" for Unix sockets
  [[nodiscard]] virtual bool peer_is_loopback() const = 0;     // Unix sockets count as loopback
};

struct [[nodiscard]] ReadAwait {
  Stream& stream;
  std::span<char> into;
  IoOp op = {};
  bool await_ready() { return stream.start_read(into, op); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { op.waiter = waiter; }
  IoResult await_resume() const noexcept { return op.result; }
};

struct [[nodiscard]] WriteAwait {
  Stream& stream;
  const Pieces& pieces;
  IoOp op = {};
  bool await_ready() { return stream.start_write(pieces, op); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { op.waiter = waiter; }
  IoResult await_resume() const noexcept { return op.result; }
};

inline ReadAwait read_some(Stream& stream, std::span<char> into) { return ReadAwait{stream, into}; }
inline WriteAwait write_all(Stream& stream, const Pieces& pieces) { return WriteAwait{stream, pieces}; }

}  // namespace kt::net

template <>
struct std::is_error_code_enum<kt::net::IoError> : std::true_type {};

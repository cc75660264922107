#include "net/dial.hpp"

#include <netinet/in.h>

#include "net/plain_stream.hpp"
#include "net/socket_options.hpp"
#include "net/tls_stream.hpp"

namespace kt::net {
namespace {

// Closes what is being waited for when the time is up.
struct Alarm : Deadline {
  Alarm(Loop& loop, Time at) : Deadline(loop, [](Deadline& self) { static_cast<Alarm&>(self).ring(); }) {
    set(at);
  }
  void ring() {
    rang = true;
    if (socket != nullptr) {
      boost::system::error_code ignored;
      socket->close(ignored);
    }
    if (stream != nullptr) stream->close();
  }
  bool rang = false;
  Socket* socket = nullptr;
  Stream* stream = nullptr;
};

// A socket that is connecting, seen as a stream so that a CancelToken can close it.
class Connecting final : public Stream {
 public:
  explicit Connecting(Socket& socket) : socket_(socket) {}
  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  bool start_read(std::span<char>, IoOp&) override { return true; }
  bool start_write(const Pieces&, IoOp&) override { return true; }
  std::size_t taken() const override { return 0; }
  void shutdown_send() override {}
  std::string peer_address() const override { return {}; }
  bool peer_is_loopback() const override { return false; }

 private:
  Socket& socket_;
};

struct ConnectAwait {
  Socket& socket;
  const Address& address;
  IoOp op = {};
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    op.waiter = waiter;
    const asio::generic::stream_protocol::endpoint endpoint(&address.storage, address.size, IPPROTO_TCP);
    socket.async_connect(
        endpoint, [this](const boost::system::error_code& error) { op.complete(translate(error), 0); });
  }
  std::error_code await_resume() const noexcept { return op.result.error; }
};

struct HandshakeAwait {
  TlsClientStream& stream;
  IoOp op = {};
  bool await_ready() { return stream.start_handshake(op); }
  void await_suspend(std::coroutine_handle<> waiter) noexcept { op.waiter = waiter; }
  std::error_code await_resume() const noexcept { return op.result.error; }
};

Error connect_error(const Alarm& alarm, const CancelToken& token, const std::error_code& last) {
  if (token.cancelled()) return {Code::client_closed, "the client is gone"};
  if (alarm.rang) return {Code::upstream_connect_timeout, "connecting to the upstream took too long"};
  return {Code::upstream_connect, "the upstream cannot be reached", last.message()};
}

Task<std::error_code> connect(Socket& socket, const Address& address, Alarm& alarm, CancelToken& token) {
  boost::system::error_code opened;
  socket.open(asio::generic::stream_protocol(address.family(), IPPROTO_TCP), opened);
  if (opened) co_return translate(opened);
  tune_socket(socket.native_handle());
  Connecting view(socket);
  alarm.socket = &socket;
  token.attach(&view);
  ConnectAwait attempt{socket, address};
  const std::error_code error = co_await attempt;
  alarm.socket = nullptr;
  token.attach(nullptr);
  co_return error;
}

Task<Result<std::unique_ptr<Stream>>> secure(Socket socket, const Origin& origin, Alarm& alarm,
                                             TlsSession& session, CancelToken& token) {
  auto stream = make_tls_client_stream(std::move(socket), origin.host, session);
  alarm.stream = stream.get();
  token.attach(stream.get());
  HandshakeAwait handshake{*stream};
  const std::error_code error = co_await handshake;
  alarm.stream = nullptr;
  token.attach(nullptr);
  if (!error) co_return std::unique_ptr<Stream>(std::move(stream));
  session.session.reset();
  if (token.cancelled() || alarm.rang) co_return connect_error(alarm, token, error);
  co_return Error{Code::upstream_tls, "the TLS handshake with the upstream failed", stream->reason()};
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> dial(Loop& loop, const Origin& origin, std::vector<Address> addresses,
                                           Time deadline, TlsSession& session, CancelToken& token) {
  Alarm alarm(loop, deadline);
  std::error_code last = IoError::closed;
  for (const Address& address : addresses) {
    if (address.is_link_local()) {  // a name that was made to point at a metadata service
      last = std::make_error_code(std::errc::permission_denied);
      continue;
    }
    Socket socket(loop.impl().context.get_executor());
    last = co_await connect(socket, address, alarm, token);
    if (alarm.rang || token.cancelled()) break;
    if (last) continue;
    if (!origin.tls) co_return make_plain_stream(std::move(socket));
    auto secured = co_await secure(std::move(socket), origin, alarm, session, token);
    co_return secured;
  }
  co_return connect_error(alarm, token, last);
}

}  // namespace kt::net

#include "kt/net/listener.hpp"

#include <fcntl.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/plain_stream.hpp"
#include "net/socket_options.hpp"
#include "net/tls_stream.hpp"

namespace kt::net {
namespace {

Error bind_error(const Address& address, int code) {
  const std::string advice = code == EADDRINUSE
                                 ? "the address is taken; stop the other process or choose another --listen"
                             : code == EACCES ? "not permitted; use a port above 1023"
                                              : std::strerror(code);
  return {Code::internal, "cannot listen on " + address.text() + ": " + advice};
}

// A socket file nobody answers on is left over from a crash.
bool is_stale(const Address& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 &&
      errno == ECONNREFUSED;
  ::close(probe);
  return refused;
}

// Without SO_REUSEPORT a first probe tells whether someone else already has the port: with it, the kernel
// would share it.
bool is_taken(const Address& address) {
  if (address.port() == 0) return false;
  const int probe = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool taken = ::bind(probe, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 &&
                     errno == EADDRINUSE;
  ::close(probe);
  return taken;
}

}  // namespace

Bound::Bound(Bound&& other) noexcept : fd_(std::exchange(other.fd_, -1)), address_(other.address_) {}
Bound& Bound::operator=(Bound&& other) noexcept {
  std::swap(fd_, other.fd_);
  address_ = other.address_;
  return *this;
}
Bound::~Bound() {
  if (fd_ >= 0) ::close(fd_);
}
int Bound::release() { return std::exchange(fd_, -1); }

Result<Bound> bind(const Address& wanted) {
  if (wanted.family() != AF_UNIX && is_taken(wanted)) return bind_error(wanted, EADDRINUSE);
  const int fd = ::socket(wanted.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return bind_error(wanted, errno);
  Bound bound(fd, wanted);
  const int on = 1;
  if (wanted.family() == AF_UNIX) {
    if (is_stale(wanted)) ::unlink(reinterpret_cast<const sockaddr_un*>(&wanted.storage)->sun_path);
  } else {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  }
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&wanted.storage), wanted.size) != 0)
    return bind_error(wanted, errno);
  if (wanted.family() == AF_UNIX) return bound;
  Address actual;
  actual.size = sizeof actual.storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&actual.storage), &actual.size) != 0)
    return bind_error(wanted, errno);
  return Bound(bound.release(), actual);
}

Result<Bound> share(const Bound& bound) {
  if (bound.address().family() != AF_UNIX) {
    const int fd = ::socket(bound.address().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return bind_error(bound.address(), errno);
    Bound twin(fd, bound.address());
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&twin.address().storage), twin.address().size) != 0) {
      return bind_error(bound.address(), errno);
    }
    return twin;
  }
  const int fd = ::fcntl(bound.fd(), F_DUPFD_CLOEXEC, 3);
  if (fd < 0) return bind_error(bound.address(), errno);
  return Bound(fd, bound.address());
}

struct Listener::Impl : std::enable_shared_from_this<Listener::Impl> {
  Impl(Loop& owner, std::shared_ptr<const TlsServer> server_tls, Accepted callback, void* user)
      : loop(owner),
        acceptor(owner.impl().context.get_executor()),
        pause(*this),
        tls(std::move(server_tls)),
        accepted(callback),
        context(user) {}

  struct Pause : Deadline {
    explicit Pause(Impl& owner)
        : Deadline(owner.loop, [](Deadline& self) { static_cast<Pause&>(self).impl.accept(); }),
          impl(owner) {}
    Impl& impl;
  };

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const boost::system::error_code& error, Socket socket) {
      if (self->closed) return;
      if (error) {
        self->pause.set(Clock::now() + std::chrono::milliseconds(100));
        return;
      }
      self->hand_over(std::move(socket));
      self->accept();
    });
  }

  void hand_over(Socket socket) {
    tune_socket(socket.native_handle());
    accepted(context,
             tls ? make_tls_server_stream(std::move(socket), *tls) : make_plain_stream(std::move(socket)));
  }

  Loop& loop;
  asio::basic_socket_acceptor<asio::generic::stream_protocol, Executor> acceptor;
  Pause pause;
  std::shared_ptr<const TlsServer> tls;
  Accepted accepted;
  void* context;
  bool closed = false;
};

Listener::Listener(Loop& loop, Bound bound, std::shared_ptr<const TlsServer> tls, Accepted accepted,
                   void* context)
    : impl_(std::make_shared<Impl>(loop, std::move(tls), accepted, context)) {
  const int family = bound.address().family();
  ::listen(bound.fd(), 4096);
  impl_->acceptor.assign(asio::generic::stream_protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP),
                         bound.release());
  impl_->accept();
}

Listener::~Listener() { close(); }

void Listener::close() {
  if (impl_->closed) return;
  impl_->closed = true;
  impl_->pause.clear();
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
}

}  // namespace kt::net

#pragma once
// Accepting connections. One listening socket per worker with SO_REUSEPORT, so the kernel spreads the load
// without a lock.

#include <memory>

#include "kt/base/result.hpp"
#include "kt/net/address.hpp"
#include "kt/net/loop.hpp"
#include "kt/net/stream.hpp"
#include "kt/net/tls.hpp"

namespace kt::net {

// A bound socket that does not listen yet; owned by whoever holds it.
class Bound {
 public:
  Bound() = default;
  Bound(int fd, Address address) : fd_(fd), address_(address) {}
  Bound(Bound&& other) noexcept;
  Bound& operator=(Bound&& other) noexcept;
  ~Bound();
  [[nodiscard]] const Address& address() const { return address_; }  // with the port that port 0 became
  int release();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
  Address address_;
};

// Binds `address`. TCP: may be called once per worker for one address. Unix: a stale socket file is replaced,
// a live one is an error; further workers share the first one's socket through share().
Result<Bound> bind(const Address& address);
Result<Bound> share(const Bound& bound);

class Listener {
 public:
  using Accepted = void (*)(void* context, std::unique_ptr<Stream> stream);

  // Starts accepting on the loop. `tls` may be null. Out of descriptors: accepting pauses for 100 ms, it
  // never spins.
  Listener(Loop& loop, Bound bound, std::shared_ptr<const TlsServer> tls, Accepted accepted, void* context);
  ~Listener();
  void close();  // stops accepting; connections stay

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace kt::net

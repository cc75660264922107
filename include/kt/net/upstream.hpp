#pragma once
// Connections to upstreams: dialled under a deadline, kept for reuse, one pool per worker. Also the reading
// of responses.

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "kt/base/result.hpp"
#include "kt/http/head.hpp"
#include "kt/net/connection.hpp"
#include "kt/net/resolver.hpp"
#include "kt/net/task.hpp"
#include "kt/net/tls.hpp"

namespace kt::net {

// scheme + host + port. Comes from the configuration alone.
struct Origin {
  bool tls = true;
  std::string host;
  std::uint16_t port = 443;
  [[nodiscard]] std::string key() const;
};

// Lets the owner of an exchange end whatever it is waiting for upstream. Not thread-safe: same loop.
class CancelToken {
 public:
  [[nodiscard]] const bool& cancelled() const { return cancelled_; }
  void cancel() {
    cancelled_ = true;
    if (stream_ != nullptr) stream_->close();
  }
  // The stream that is being waited on, or null.
  void attach(Stream* stream) {
    stream_ = stream;
    if (cancelled_ && stream != nullptr) stream->close();
  }

 private:
  bool cancelled_ = false;
  Stream* stream_ = nullptr;
};

class Pool {
 public:
  struct Limits {
    Clock::duration idle = std::chrono::seconds(60);
    std::size_t max_idle_per_origin = 256;
  };
  struct Lease {
    std::unique_ptr<Connection> connection;
    bool reused = false;
  };

  Pool(Loop& loop, Resolver& resolver, Limits limits);
  ~Pool();
  void set_limits(Limits limits);  // for connections that are put back from now on

  // An idle connection, or a new one. Errors: upstream_dns, upstream_connect, upstream_connect_timeout,
  // upstream_tls, client_closed.
  Task<Result<Lease>> take(const Origin& origin, Time connect_deadline, CancelToken& token);

  // Back after a response whose framing was complete and keep-alive; nothing may be buffered.
  void put(const Origin& origin, std::unique_ptr<Connection> connection);

  // Closes a connection and frees it once its read has ended.
  void drop(std::unique_ptr<Connection> connection);

  [[nodiscard]] std::size_t idle() const;
  void close_idle();

 private:
  struct Idle;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace kt::net

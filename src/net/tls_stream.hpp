#pragma once
// TLS over a connected socket.

#include <memory>
#include <string>

#include "kt/net/stream.hpp"
#include "kt/net/tls.hpp"
#include "net/asio_loop.hpp"

namespace kt::net {

// The handshake runs with the first read.
std::unique_ptr<Stream> make_tls_server_stream(Socket socket, const TlsServer& tls);

// Upstream: start_handshake() before any read or write.
class TlsClientStream : public Stream {
 public:
  // True: done at once. Failure: IoError::tls_failed, and reason() says why (a certificate, never a secret).
  virtual bool start_handshake(IoOp& op) = 0;
  [[nodiscard]] virtual std::string reason() const = 0;
};

// `host` is checked against the certificate and sent as SNI when it is a name. `resume` outlives the stream
// and receives new sessions.
std::unique_ptr<TlsClientStream> make_tls_client_stream(Socket socket, const std::string& host,
                                                        TlsSession& resume);

}  // namespace kt::net

#pragma once
// TLS settings: 1.2 or newer, verification and host name check always on for upstreams. OpenSSL stays behind
// this header.

#include <memory>
#include <string>

#include "kt/base/result.hpp"

struct ssl_ctx_st;
struct ssl_session_st;

namespace kt::net {

struct ContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};
struct SessionDeleter {
  void operator()(ssl_session_st* session) const;
};

// The listener's side. Immutable; shared by workers.
struct TlsServer {
  std::unique_ptr<ssl_ctx_st, ContextDeleter> context;
};

// A certificate chain and its key in PEM files.
Result<std::shared_ptr<const TlsServer>> make_tls_server(const std::string& cert_file,
                                                         const std::string& key_file);

// The upstream side, with the system's trusted roots (SSL_CERT_FILE and SSL_CERT_DIR are honoured). Loading
// them takes about 35 ms and 2 MiB, so it happens at the first call; thread-safe.
const ssl_ctx_st* tls_client_context();

// The last session of one upstream, for resumption. Belongs to one worker.
struct TlsSession {
  std::unique_ptr<ssl_session_st, SessionDeleter> session;
};

}  // namespace kt::net

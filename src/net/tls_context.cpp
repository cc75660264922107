#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>

#include "kt/net/tls.hpp"
#include "net/tls_session.hpp"

namespace kt::net {
namespace {

using Context = std::unique_ptr<ssl_ctx_st, ContextDeleter>;

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

Error file_error(const char* what, const std::string& file) {
  const unsigned long code = ERR_peek_error();  // the first one is the cause
  const char* reason = ERR_reason_error_string(code);
  std::string why = ERR_SYSTEM_ERROR(code)  ? std::strerror(ERR_GET_REASON(code))
                    : reason != nullptr ? reason
                                        : "it is not usable";
  ERR_clear_error();
  return {Code::internal, std::string(what) + " " + file + ": " + why};
}

Context make_client_context() {
  Context context = make_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(context.get());
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION* session) {
    auto* keep = static_cast<TlsSession*>(SSL_get_ex_data(ssl, session_index()));
    if (keep == nullptr) return 0;
    keep->session.reset(session);
    return 1;
  });
  return context;
}

}  // namespace

void ContextDeleter::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void SessionDeleter::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

int session_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

const ssl_ctx_st* tls_client_context() {
  static const Context context = make_client_context();
  return context.get();
}

Result<std::shared_ptr<const TlsServer>> make_tls_server(const std::string& cert_file,
                                                         const std::string& key_file) {
  auto server = std::make_shared<TlsServer>();
  server->context = make_context(TLS_server_method());
  SSL_CTX* context = server->context.get();
  // Nobody sits at a daemon's terminal: an encrypted key is refused, not asked about.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  if (SSL_CTX_use_certificate_chain_file(context, cert_file.c_str()) != 1)
    return file_error("cannot use certificate", cert_file);
  if (SSL_CTX_use_PrivateKey_file(context, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return file_error("cannot use key", key_file);
  if (SSL_CTX_check_private_key(context) != 1)
    return file_error("the key does not belong to the certificate:", key_file);
  return std::shared_ptr<const TlsServer>(std::move(server));
}

}  // namespace kt::net

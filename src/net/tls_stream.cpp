#include "net/tls_stream.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstring>

#include "net/plain_stream.hpp"
#include "net/tls_session.hpp"

namespace kt::net {
namespace {

constexpr std::size_t kRecord = 16u << 10;

// OpenSSL works on the socket itself; we only wait for readiness. Reads and writes are independent state
// machines: a step that cannot go on says for which direction it waits.
class TlsStream final : public TlsClientStream {
 public:
  TlsStream(Socket socket, SSL* ssl) : socket_(std::move(socket)), ssl_(ssl) {
    boost::system::error_code ignored;
    socket_.native_non_blocking(true, ignored);
    SSL_set_fd(ssl_.get(), socket_.native_handle());
  }

  bool start_handshake(IoOp& op) override {
    return step(op, [this, &op] {
      const int done = SSL_do_handshake(ssl_.get());
      if (done == 1) op.result = {{}, 0};
      return done;
    });
  }

  bool start_read(std::span<char> into, IoOp& op) override {
    return step(op, [this, into, &op] {
      const int n =
          SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<std::size_t>(into.size(), 1u << 30)));
      if (n > 0) op.result = {{}, static_cast<std::size_t>(n)};
      return n;
    });
  }

  bool start_write(const Pieces& pieces, IoOp& op) override {
    left_ = pieces;
    first_ = 0;
    written_ = 0;
    gather();
    return step(op, [this, &op] { return push(op); });
  }

  // Without the mark, freeing the SSL object would make its session unusable for resumption.
  void close() override {
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  void shutdown_send() override {
    if (!socket_.is_open()) return;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

  std::size_t taken() const override { return written_; }
  std::string peer_address() const override { return peer_text(socket_); }
  bool peer_is_loopback() const override { return peer_loopback(socket_); }

  std::string reason() const override {
    const long verify = SSL_get_verify_result(ssl_.get());
    return verify != X509_V_OK ? X509_verify_cert_error_string(verify) : reason_;
  }

 private:
  struct SslDeleter {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  // Runs `attempt` until it is done (true at once, or op is completed later) or has to wait for the socket.
  template <class Attempt>
  bool step(IoOp& op, Attempt attempt) {
    if (!socket_.is_open()) {
      op.result = {IoError::closed, 0};
      return true;
    }
    ERR_clear_error();
    const int n = attempt();
    if (n > 0) return true;
    switch (SSL_get_error(ssl_.get(), n)) {
      case SSL_ERROR_WANT_READ:
        return wait(Socket::wait_read, op, attempt);
      case SSL_ERROR_WANT_WRITE:
        return wait(Socket::wait_write, op, attempt);
      case SSL_ERROR_ZERO_RETURN:
        op.result = {IoError::end, 0};
        return true;
      default:
        op.result = {failure(), 0};
        return true;
    }
  }

  template <class Attempt>
  bool wait(Socket::wait_type direction, IoOp& op, Attempt attempt) {
    socket_.async_wait(direction, [this, &op, attempt](const boost::system::error_code& error) {
      if (error) {
        op.complete(translate(error), 0);
      } else if (step(op, attempt)) {
        op.complete(op.result.error, op.result.bytes);
      }
    });
    return false;
  }

  // A missing close_notify is a truncation: never the clean end.
  std::error_code failure() {
    const unsigned long code = ERR_peek_last_error();
    if (code == 0) return std::error_code(ECONNRESET, std::system_category());
    char text[160] = {};
    ERR_error_string_n(code, text, sizeof text);
    reason_ = text;
    ERR_clear_error();
    return IoError::tls_failed;
  }

  // A head and a short body become one record.
  void gather() {
    gathered_.clear();
    std::size_t total = 0;
    for (std::size_t i = 0; i < left_.count; ++i) total += left_.items[i].iov_len;
    if (left_.count < 2 || total > kRecord) return;
    for (std::size_t i = 0; i < left_.count; ++i) {
      gathered_.append(static_cast<const char*>(left_.items[i].iov_base), left_.items[i].iov_len);
    }
    left_ = Pieces(gathered_);
  }

  int push(IoOp& op) {
    while (first_ < left_.count) {
      iovec& piece = left_.items[first_];
      const int n = SSL_write(ssl_.get(), piece.iov_base,
                              static_cast<int>(std::min<std::size_t>(piece.iov_len, 1u << 30)));
      if (n <= 0) return n;
      written_ += static_cast<std::size_t>(n);
      piece = {static_cast<char*>(piece.iov_base) + n, piece.iov_len - static_cast<std::size_t>(n)};
      if (piece.iov_len == 0) ++first_;
    }
    op.result = {{}, written_};
    return 1;
  }

  Socket socket_;
  std::unique_ptr<SSL, SslDeleter> ssl_;
  std::string reason_, gathered_;
  Pieces left_;
  std::size_t first_ = 0, written_ = 0;
};

bool is_address(const std::string& host) {
  in6_addr any{};
  return inet_pton(AF_INET, host.c_str(), &any) == 1 || inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

}  // namespace

std::unique_ptr<Stream> make_tls_server_stream(Socket socket, const TlsServer& tls) {
  SSL* ssl = SSL_new(tls.context.get());
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsStream>(std::move(socket), ssl);
}

std::unique_ptr<TlsClientStream> make_tls_client_stream(Socket socket, const std::string& host,
                                                        TlsSession& resume) {
  SSL* ssl = SSL_new(const_cast<SSL_CTX*>(
      tls_client_context()));  // NOLINT(cppcoreguidelines-pro-type-const-cast): counted, not changed
  SSL_set_connect_state(ssl);
  SSL_set_ex_data(ssl, session_index(), &resume);
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
  if (resume.session) SSL_set_session(ssl, resume.session.get());
  return std::make_unique<TlsStream>(std::move(socket), ssl);
}

}  // namespace kt::net

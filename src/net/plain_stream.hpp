#pragma once
// A connected socket without TLS.

#include <memory>

#include "kt/net/stream.hpp"
#include "net/asio_loop.hpp"

namespace kt::net {

std::unique_ptr<Stream> make_plain_stream(Socket socket);

// "127.0.0.1", "::1", "unix"; empty when the peer is gone.
std::string peer_text(const Socket& socket);
bool peer_loopback(const Socket& socket);

// Boost's codes as ours: end of file and a local close get our names, the rest keep errno's.
std::error_code translate(const boost::system::error_code& error);

}  // namespace kt::net

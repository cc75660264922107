#pragma once
// Options of every socket we own.

namespace kt::net {

// TCP_NODELAY and capped kernel buffers, so that a peer that does not read pins 512 KiB at most instead of
// megabytes of autotuned kernel memory. Errors are ignored: a Unix socket has no TCP_NODELAY.
void tune_socket(int fd);

}  // namespace kt::net

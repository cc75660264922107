#pragma once

namespace kt::net {

// Where an SSL object keeps its TlsSession*.
int session_index();

}  // namespace kt::net

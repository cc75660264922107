#pragma once
// One connection attempt.

#include "kt/net/upstream.hpp"

namespace kt::net {

// Connects to the first address that answers before the deadline, with TLS when the origin has it.
Task<Result<std::unique_ptr<Stream>>> dial(Loop& loop, const Origin& origin, std::vector<Address> addresses,
                                           Time deadline, TlsSession& session, CancelToken& token);

}  // namespace kt::net

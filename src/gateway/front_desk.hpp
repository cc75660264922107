#pragma once
// Where requests arrive: routing, refusals, and the exchanges themselves.

#include <memory>

#include "kt/gateway/worker.hpp"

namespace kt::gateway {

std::unique_ptr<net::Handler> make_front_desk(Worker& worker);

}  // namespace kt::gateway

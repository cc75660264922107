#pragma once
// One factory per strategy; the table is in builtin.cpp.

#include "kt/routing/strategy.hpp"

namespace kt::routing {

using Made = std::unique_ptr<const Strategy>;

Made ordered(const config::Routing& options);
Made round_robin(const config::Routing& options);
Made weighted_round_robin(const config::Routing& options);
Made lowest_latency(const config::Routing& options);
Made highest_throughput(const config::Routing& options);
Made random_choice(const config::Routing& options);
Made least_busy(const config::Routing& options);
Made lowest_cost(const config::Routing& options);
Made priority(const config::Routing& options);
Made sticky(const config::Routing& options);

}  // namespace kt::routing

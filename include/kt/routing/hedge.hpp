#pragma once
// When a second attempt may start because the first token is late, and when the next health probe is due.

#include <optional>

#include "kt/base/random.hpp"
#include "kt/routing/strategy.hpp"

namespace kt::routing {

// The wait before hedging a request to this target, from `routing.hedge.after` ("p95"); none when hedging is
// off or fewer than kHedgeSamples first tokens were seen.
inline constexpr std::uint32_t kHedgeSamples = 20;
std::optional<Millis> hedge_delay(const config::Routing& routing, const Candidate& candidate);

// Output tokens that 95 % of this target's answers stay below; none before kHedgeSamples answers.
std::optional<double> learned_output(const Candidate& candidate);

// The interval with up to a tenth taken off, so that the probes of many gateways spread.
Millis probe_delay(const config::HealthProbe& probe, Random& random);

}  // namespace kt::routing

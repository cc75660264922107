#include "kt/routing/hedge.hpp"

#include <algorithm>
#include <charconv>

namespace kt::routing {

std::optional<Millis> hedge_delay(const config::Routing& routing, const Candidate& candidate) {
  if (!routing.hedge_after.starts_with('p')) return std::nullopt;
  int percent = 0;
  const std::string& text = routing.hedge_after;
  std::from_chars(text.data() + 1, text.data() + text.size(), percent);
  const auto seconds = candidate.state->stats.first_token_quantiles.at(percent / 100.0, kHedgeSamples);
  return seconds ? std::optional(static_cast<Millis>(*seconds * 1000)) : std::nullopt;
}

std::optional<double> learned_output(const Candidate& candidate) {
  return candidate.state->stats.output_quantiles.at(0.95, kHedgeSamples);
}

Millis probe_delay(const config::HealthProbe& probe, Random& random) {
  return std::max<Millis>(1,
                          static_cast<Millis>(probe.interval.count() * 1000 * (1 - random.uniform() / 10)));
}

}  // namespace kt::routing

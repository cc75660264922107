#pragma once
// Choosing by a measured figure: targets with too few samples are tried first, in turn and never with more
// requests at once than samples are missing; then the best figure wins.

#include "kt/routing/strategy.hpp"

namespace kt::routing {

struct Measuring {
  Millis window = 60'000;
  std::uint32_t min_samples = 5;
};

// `figure_of` gives the Average that counts; `better(a, b)`: mean a beats mean b.
template <class FigureOf, class Better>
std::size_t best_measured(Choices choices, const Measuring& measuring, std::uint64_t turn, Millis now,
                          FigureOf figure_of, Better better) {
  std::size_t best = choices.size(), at = turn % choices.size();
  float best_mean = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const TargetStats& stats = choices[at]->state->stats;
    const Average& figure = figure_of(stats);
    const float samples = figure.samples(now, measuring.window);
    if (samples < static_cast<float>(measuring.min_samples)) {
      const auto busy = static_cast<float>(choices[at]->state->in_flight.load(std::memory_order_relaxed));
      if (samples + busy < static_cast<float>(measuring.min_samples)) return at;
    }
    if (samples > 0 && (best == choices.size() || better(figure.mean(), best_mean))) {
      best = at;
      best_mean = figure.mean();
    }
    at = at + 1 == choices.size() ? 0 : at + 1;
  }
  return best == choices.size() ? turn % choices.size() : best;
}

}  // namespace kt::routing

#include "routing/builtin.hpp"

namespace kt::routing {
namespace {

// Fewest requests in flight; of equals the one whose turn it is.
class LeastBusy final : public Strategy {
  std::size_t choose(Choices choices, const Ask& ask, Millis) const override {
    std::size_t at = ask.turn % choices.size(), best = at;
    std::uint32_t fewest = busy(*choices[at]);
    for (std::size_t i = 1; i < choices.size() && fewest > 0; ++i) {
      at = at + 1 == choices.size() ? 0 : at + 1;
      const std::uint32_t here = busy(*choices[at]);
      if (here >= fewest) continue;
      best = at;
      fewest = here;
    }
    return best;
  }

  static std::uint32_t busy(const Candidate& candidate) {
    return candidate.state->in_flight.load(std::memory_order_relaxed);
  }
};

}  // namespace

Made least_busy(const config::Routing&) { return std::make_unique<LeastBusy>(); }

}  // namespace kt::routing

#include "routing/builtin.hpp"
#include "routing/share.hpp"

namespace kt::routing {
namespace {

class WeightedRoundRobin final : public Strategy {
  std::size_t choose(Choices choices, const Ask& ask, Millis) const override {
    return at_point(choices, golden(ask.turn));
  }
};

}  // namespace

Made weighted_round_robin(const config::Routing&) { return std::make_unique<WeightedRoundRobin>(); }

}  // namespace kt::routing

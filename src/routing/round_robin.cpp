#include "routing/builtin.hpp"

namespace kt::routing {
namespace {

class RoundRobin final : public Strategy {
  std::size_t choose(Choices choices, const Ask& ask, Millis) const override {
    return ask.turn % choices.size();
  }
};

}  // namespace

Made round_robin(const config::Routing&) { return std::make_unique<RoundRobin>(); }

}  // namespace kt::routing

#include "routing/builtin.hpp"

namespace kt::routing {
namespace {

// The lowest number goes first (provisioned throughput before pay-as-you-go); inside a group the turns are
// equal.
class Priority final : public Strategy {
  std::size_t choose(Choices choices, const Ask& ask, Millis) const override {
    std::uint32_t first = choices[0]->priority;
    std::size_t members = 0;
    for (const Candidate* each : choices) {
      if (each->priority < first) {
        first = each->priority;
        members = 0;
      }
      members += each->priority == first ? 1 : 0;
    }
    std::size_t skip = ask.turn % members;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (choices[i]->priority == first && skip-- == 0) return i;
    }
    return 0;
  }
};

}  // namespace

Made priority(const config::Routing&) { return std::make_unique<Priority>(); }

}  // namespace kt::routing

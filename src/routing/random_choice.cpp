#include "routing/builtin.hpp"

namespace kt::routing {
namespace {

class RandomChoice final : public Strategy {
  std::size_t choose(Choices choices, const Ask& ask, Millis) const override {
    return ask.random % choices.size();
  }
};

}  // namespace

Made random_choice(const config::Routing&) { return std::make_unique<RandomChoice>(); }

}  // namespace kt::routing

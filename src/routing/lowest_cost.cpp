#include "routing/builtin.hpp"

namespace kt::routing {
namespace {

// The price of this request, as far as its tokens are known; targets without a price come last.
class LowestCost final : public Strategy {
  std::size_t choose(Choices choices, const Ask& ask, Millis) const override {
    const auto input = static_cast<double>(ask.input_tokens > 0 ? ask.input_tokens : 1);
    const auto output = static_cast<double>(ask.output_tokens > 0 ? ask.output_tokens : 1);
    std::size_t best = 0;
    double best_cost = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const Price& price = choices[i]->price;
      const double cost =
          input * static_cast<double>(price.input) + output * static_cast<double>(price.output);
      const bool better = price.known && (!choices[best]->price.known || cost < best_cost);
      if (i != 0 && !better) continue;
      best = i;
      best_cost = cost;
    }
    return best;
  }
};

}  // namespace

Made lowest_cost(const config::Routing&) { return std::make_unique<LowestCost>(); }

}  // namespace kt::routing

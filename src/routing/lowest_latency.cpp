#include "routing/builtin.hpp"
#include "routing/measured.hpp"

namespace kt::routing {
namespace {

// Streams are compared by the time to the first token, plain answers by the whole time.
class LowestLatency final : public Strategy {
 public:
  explicit LowestLatency(const config::Routing& options)
      : measuring_{millis(options.window), options.min_sample_count} {}

 private:
  std::size_t choose(Choices choices, const Ask& ask, Millis now) const override {
    const auto figure = [&](const TargetStats& stats) -> const Average& {
      return ask.stream ? stats.first_token : stats.latency;
    };
    return best_measured(choices, measuring_, ask.turn, now, figure, std::less<float>());
  }
  Measuring measuring_;
};

}  // namespace

Made lowest_latency(const config::Routing& options) { return std::make_unique<LowestLatency>(options); }

}  // namespace kt::routing

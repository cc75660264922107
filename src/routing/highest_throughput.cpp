#include "routing/builtin.hpp"
#include "routing/measured.hpp"

namespace kt::routing {
namespace {

class HighestThroughput final : public Strategy {
 public:
  explicit HighestThroughput(const config::Routing& options)
      : measuring_{millis(options.window), options.min_sample_count} {}

 private:
  std::size_t choose(Choices choices, const Ask& ask, Millis now) const override {
    const auto figure = [](const TargetStats& stats) -> const Average& { return stats.throughput; };
    return best_measured(choices, measuring_, ask.turn, now, figure, std::greater<float>());
  }
  Measuring measuring_;
};

}  // namespace

Made highest_throughput(const config::Routing& options) {
  return std::make_unique<HighestThroughput>(options);
}

}  // namespace kt::routing

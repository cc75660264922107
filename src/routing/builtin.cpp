#include "routing/builtin.hpp"

namespace kt::routing {
namespace {

struct Row {
  std::string_view name;
  Made (*make)(const config::Routing&);
};

// `single` and `mirror` differ from `ordered` in which targets their group holds (group.cpp).
constexpr Row kStrategies[] = {
    {"", ordered},
    {"single", ordered},
    {"ordered", ordered},
    {"mirror", ordered},
    {"round_robin", round_robin},
    {"weighted_round_robin", weighted_round_robin},
    {"lowest_latency", lowest_latency},
    {"highest_throughput", highest_throughput},
    {"random", random_choice},
    {"least_busy", least_busy},
    {"lowest_cost", lowest_cost},
    {"priority", priority},
    {"sticky", sticky},
};

}  // namespace

std::unique_ptr<const Strategy> make_strategy(std::string_view name, const config::Routing& options) {
  for (const Row& row : kStrategies) {
    if (row.name == name) return row.make(options);
  }
  return nullptr;
}

}  // namespace kt::routing

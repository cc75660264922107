// Time of one routing decision: filter, strategy, circuit. 100 targets unless the argument says otherwise.
#include <benchmark/benchmark.h>

#include "kt/base/random.hpp"
#include "kt/routing/group.hpp"

namespace {

using namespace kt;
using namespace kt::routing;

struct World {
  World(const std::string& strategy, std::size_t targets) {
    config.circuit_breaker.enabled = true;
    config.routing.strategy = strategy;
    for (std::size_t i = 0; i < targets; ++i) {
      config::Target target;
      target.id = "target-" + std::to_string(i);
      target.priority = static_cast<std::uint32_t>(i % 3);
      target.weight = 1 + static_cast<double>(i % 5);
      target.pricing = config::Pricing{.input = 1 + static_cast<double>(i), .output = 2};
      config.targets.push_back(target);
      members.push_back(i);
    }
    group = make_group({config, members}, states);
    QuotaSignals signals;
    signals.limit_tokens = signals.remaining_tokens = 1'000'000;
    signals.limit_requests = signals.remaining_requests = 1000;
    for (const Candidate& each : group->candidates) {
      each.state->quota.observe(signals, 1000);
      for (int i = 0; i < 10; ++i) {
        each.state->stats.latency.add(1 + static_cast<double>(each.target % 7), 1000, 60'000);
        each.state->stats.throughput.add(50, 1000, 60'000);
      }
    }
  }
  config::Config config;
  std::vector<std::size_t> members;
  TargetStates states;
  std::unique_ptr<Group> group;
};

void decide(benchmark::State& state, const char* strategy) {
  const World world(strategy, static_cast<std::size_t>(state.range(0)));
  Random random(1);
  Ask ask{.input_tokens = 1000, .output_tokens = 500};
  for (auto _ : state) {
    ask.sticky = ask.random = random.next();
    Plan plan(*world.group, ask);
    benchmark::DoNotOptimize(plan.next(2000));
  }
}

}  // namespace

BENCHMARK_CAPTURE(decide, ordered, "ordered")->Arg(3)->Arg(100);
BENCHMARK_CAPTURE(decide, round_robin, "round_robin")->Arg(100);
BENCHMARK_CAPTURE(decide, weighted_round_robin, "weighted_round_robin")->Arg(100);
BENCHMARK_CAPTURE(decide, lowest_latency, "lowest_latency")->Arg(100);
BENCHMARK_CAPTURE(decide, highest_throughput, "highest_throughput")->Arg(100);
BENCHMARK_CAPTURE(decide, random, "random")->Arg(100);
BENCHMARK_CAPTURE(decide, least_busy, "least_busy")->Arg(100);
BENCHMARK_CAPTURE(decide, lowest_cost, "lowest_cost")->Arg(100);
BENCHMARK_CAPTURE(decide, priority, "priority")->Arg(100);
BENCHMARK_CAPTURE(decide, sticky, "sticky")->Arg(100);

#pragma once
// Groups made by hand, and a clock that stands until it is moved.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "kt/routing/group.hpp"

namespace kt::routing::test {

inline config::CircuitBreaker breaker(std::uint32_t threshold = 5, double cooldown = 30) {
  config::CircuitBreaker settings;
  settings.enabled = true;
  settings.failure_threshold = threshold;
  settings.cooldown = config::Seconds(cooldown);
  return settings;
}

// A configuration with targets "a", "b", ... and the group over all of them.
struct Bench {
  explicit Bench(std::size_t targets, std::string strategy = "ordered") {
    config.circuit_breaker = breaker();
    config.routing.strategy = std::move(strategy);
    for (std::size_t i = 0; i < targets; ++i) {
      config::Target target;
      target.id = i < 26 ? std::string(1, static_cast<char>('a' + i)) : "t" + std::to_string(i);
      target.model = "some-model";
      config.targets.push_back(target);
      members.push_back(i);
    }
  }
  void build() {
    reasons = compliance(config).value();
    group = make_group({config, members, model_group ? &*model_group : nullptr, &reasons}, states);
  }
  std::string id(const Candidate* candidate) const {
    return candidate == nullptr ? "-" : config.targets[candidate->target].id;
  }
  // The ids in the order in which one request asks them.
  std::string order(Ask ask = {}) {
    Plan plan(*group, ask);
    std::string ids;
    while (const Choice choice = plan.next(now)) {
      choice.candidate->state->circuit.report(choice.permit, Health::no_verdict, group->breaker, now);
      ids += id(choice.candidate);
    }
    return ids;
  }
  std::string first(Ask ask = {}) {
    Plan plan(*group, ask);
    const Choice choice = plan.next(now);
    if (choice)
      choice.candidate->state->circuit.report(choice.permit, Health::no_verdict, group->breaker, now);
    return id(choice.candidate);
  }
  // How many of `requests` go to which target first.
  std::map<std::string, int> shares(int requests, Ask ask = {}) {
    std::map<std::string, int> counts;
    for (int i = 0; i < requests; ++i) ++counts[first(ask)];
    return counts;
  }
  TargetState& state(const std::string& target) { return *states.of(target); }
  void trip(const std::string& target) {
    for (std::uint32_t i = 0; i < config.circuit_breaker.failure_threshold; ++i)
      state(target).circuit.report(Circuit::Permit::normal, Health::bad, config.circuit_breaker, now);
  }

  config::Config config;
  std::vector<std::size_t> members;
  std::optional<config::ModelGroup> model_group;
  std::vector<std::string> reasons;
  TargetStates states;
  std::unique_ptr<Group> group;
  Millis now = 1'000'000;
};

}  // namespace kt::routing::test

#include "kt/routing/group.hpp"

#include <algorithm>

#include "kt/base/crypto.hpp"

namespace kt::routing {
namespace {

std::uint64_t hash_of(const std::string& id) {
  const Digest digest = sha256(id);  // the same in every replica
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | digest[i];
  return hash;
}

Candidate make_candidate(const GroupSource& source, std::size_t index, TargetStates& states) {
  const config::Target& target = source.config.targets[index];
  Candidate candidate;
  candidate.target = index;
  candidate.state = states.of(target.id);
  candidate.weight = target.weight;
  candidate.priority = target.priority;
  candidate.hash = hash_of(target.id);
  candidate.price = price_of(target);
  candidate.max_context_tokens = context_window(target);
  candidate.max_parallel = target.rate_limits.max_parallel_requests.value_or(0);
  const auto& probe = target.health_probe ? target.health_probe : source.config.health_monitor;
  candidate.probed = probe && probe->enabled;
  if (source.reasons != nullptr && !(*source.reasons)[index].empty())
    candidate.not_compliant = &(*source.reasons)[index];
  if (source.group != nullptr) {
    const auto weight = source.group->weights.find(target.id);
    if (weight != source.group->weights.end()) candidate.weight = weight->second;
  }
  return candidate;
}

std::string strategy_of(const GroupSource& source) {
  const bool own = source.group != nullptr && !source.group->strategy.empty();
  return own ? source.group->strategy : source.config.routing.strategy;
}

// `mirror`: the target that gets the copies serves nobody else.
void take_mirror(const config::Config& config, Group& group, TargetStates& states) {
  const std::string& id = config.routing.mirror_target;
  std::erase_if(group.candidates, [&](const Candidate& each) {
    return config.targets[each.target].id == id && group.candidates.size() > 1;
  });
  for (std::size_t i = 0; i < config.targets.size(); ++i) {
    if (config.targets[i].id == id) group.mirror = make_candidate({config, {}}, i, states);
  }
  group.mirror_rate = config.routing.mirror_sample_rate;
}

}  // namespace

Result<std::vector<std::string>> compliance(const config::Config& config) {
  std::vector<std::string> reasons(config.targets.size());
  const auto block = config.policies.find("data-routing-policy");
  const bool in_chain =
      std::find(config.chain.begin(), config.chain.end(), "data-routing-policy") != config.chain.end();
  if (!in_chain || block == config.policies.end()) return reasons;
  const auto requirement = data_requirement(block->second);
  if (!requirement) return requirement.error();
  if (!requirement->enforce) return reasons;
  for (std::size_t i = 0; i < reasons.size(); ++i)
    reasons[i] = not_compliant(*requirement, config.targets[i]);
  return reasons;
}

std::uint64_t context_window(const config::Target& target) {
  if (target.max_context_tokens) return *target.max_context_tokens;
  constexpr std::pair<std::string_view, std::uint64_t> kWindows[] = {{"gpt-4o", 128'000},
                                                                     {"gpt-4o-mini", 128'000},
                                                                     {"gpt-4", 32'768},
                                                                     {"gpt-4-turbo", 128'000},
                                                                     {"gpt-35-turbo", 16'385},
                                                                     {"gpt-3.5-turbo", 16'385},
                                                                     {"o1", 200'000},
                                                                     {"o1-mini", 128'000},
                                                                     {"o3-mini", 200'000},
                                                                     {"text-embedding-ada-002", 8'192},
                                                                     {"text-embedding-3-small", 8'192},
                                                                     {"text-embedding-3-large", 8'192}};
  for (const auto& [model, tokens] : kWindows) {
    if (target.model == model) return tokens;
  }
  return 0;
}

std::unique_ptr<Group> make_group(const GroupSource& source, TargetStates& states) {
  auto group = std::make_unique<Group>();
  const std::string strategy = strategy_of(source);
  for (const std::size_t index : source.members)
    group->candidates.push_back(make_candidate(source, index, states));
  if (strategy == "single" && group->candidates.size() > 1) group->candidates.resize(1);
  if (strategy == "mirror") {
    take_mirror(source.config, *group, states);
    if (group->mirror && source.reasons != nullptr && !(*source.reasons)[group->mirror->target].empty())
      group->mirror->not_compliant = &(*source.reasons)[group->mirror->target];
  }
  group->strategy = make_strategy(strategy, source.config.routing);
  group->breaker = source.config.circuit_breaker;
  group->window = millis(source.config.routing.window);
  return group;
}

}  // namespace kt::routing

#pragma once
// Builds the groups of a snapshot.

#include <memory>
#include <span>

#include "kt/base/result.hpp"
#include "kt/routing/data_policy.hpp"
#include "kt/routing/plan.hpp"

namespace kt::routing {

// What a group is made from. `group` when it is a model_group, else nullptr. `requirement` when
// data-routing-policy is in the chain; `reasons` outlives the group and keeps its texts, one per target of
// the configuration (see compliance()).
struct GroupSource {
  const config::Config& config;
  std::span<const std::size_t> members;  // indices into config.targets, in listed order
  const config::ModelGroup* group = nullptr;
  const std::vector<std::string>* reasons = nullptr;
};

// One entry per target: empty, or why data-routing-policy excludes it.
Result<std::vector<std::string>> compliance(const config::Config& config);

// The context window of a target: max_context_tokens, else by the model's name; 0 = unknown.
std::uint64_t context_window(const config::Target& target);

std::unique_ptr<Group> make_group(const GroupSource& source, TargetStates& states);

// For Group::larger: the targets outside `source` whose context window is larger than any of its. nullptr
// when `fallback.context_window` is abort, or there is none.
std::unique_ptr<Group> make_larger_group(const GroupSource& source, TargetStates& states);

}  // namespace kt::routing

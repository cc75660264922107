#pragma once
// Builds policies from their blocks. The table of kinds is src/policy/builtin.cpp.

#include <memory>
#include <string>
#include <vector>

#include "kt/config/config.hpp"
#include "kt/policy/policy.hpp"

namespace kt::policy {

// Something in a policy's block that cannot be enforced.
struct Problem {
  std::string field;       // detect_patterns[2]: a key of PolicyBlock::positions
  std::string message;     // what is wrong
  std::string suggestion;  // what to do; may be empty
};

// Null with at least one problem, or null without any: the kind does its work elsewhere (audit-logger,
// data-routing-policy). Reads `block.fields`, whose names and types the loader has checked.
std::unique_ptr<Policy> make_policy(const config::PolicyBlock& block, std::vector<Problem>& problems);

}  // namespace kt::policy

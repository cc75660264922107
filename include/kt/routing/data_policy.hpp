#pragma once
// Which targets may have the data: the policy kind `data-routing-policy`. A target that does not declare a
// property does not have it.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kt/base/result.hpp"
#include "kt/config/config.hpp"

namespace kt::routing {

struct DataRequirement {
  bool zero_data_retention = false, no_training = false;
  std::optional<std::uint32_t> max_retention_days;
  std::vector<std::string> allowed_regions;  // empty = any
  bool log_selection = true;                 // the choice goes into the record
  bool enforce = true;                       // false: judged and recorded, nothing is excluded
};

// From the block's fields, whose names and types the loader has checked.
Result<DataRequirement> data_requirement(const config::PolicyBlock& block);

// Why this target must not be used, or empty. Retention of zero days counts as zero retention and the other
// way round; `zdr: true` on the target counts as declared.
std::string not_compliant(const DataRequirement& requirement, const config::Target& target);

}  // namespace kt::routing

#pragma once
// Terms from a policy's block.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "kt/policy/make.hpp"
#include "kt/text/terms.hpp"

namespace kt::policy {

// `list`: an array of strings, the value of `field`. What cannot be searched for becomes a problem.
void add_terms(const nlohmann::json& list, const std::string& field, std::uint16_t kind,
               std::uint8_t max_distance, std::vector<text::Term>& terms, std::vector<Problem>& problems);

}  // namespace kt::policy

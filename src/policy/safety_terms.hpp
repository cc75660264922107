#pragma once
// The term sets of safety-filter: one file of src/policy/data/safety a mode. The format is in
// docs/detection-safety.md.

#include <string>
#include <string_view>
#include <vector>

#include "kt/text/terms.hpp"

namespace kt::policy {

struct SafetyTerms {
  std::vector<std::string> categories;  // Term::kind is the place in here
  std::vector<text::Term> terms;
};

// Adds the terms of one set's file to `out`.
void read_safety_terms(std::string_view file, std::uint8_t max_distance, SafetyTerms& out);

// Of a mode's name, `strict` = all.
SafetyTerms safety_terms(std::string_view mode, std::uint8_t max_distance);

}  // namespace kt::policy

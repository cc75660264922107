#pragma once
// One maker per policy kind; called by the table in builtin.cpp alone.

#include "kt/policy/make.hpp"

namespace kt::policy {

std::unique_ptr<Policy> make_dlp_filter(const config::PolicyBlock& block, std::vector<Problem>& problems);
std::unique_ptr<Policy> make_pii_detector(const config::PolicyBlock& block, std::vector<Problem>& problems);
std::unique_ptr<Policy> make_safety_filter(const config::PolicyBlock& block, std::vector<Problem>& problems);
std::unique_ptr<Policy> make_prompt_injection(const config::PolicyBlock& block, std::vector<Problem>& problems);

}  // namespace kt::policy

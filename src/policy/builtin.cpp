// The table of policy kinds: one row, one file each.
#include "policy/builtin.hpp"

#include "kt/policy/make.hpp"

namespace kt::policy {
namespace {

struct Row {
  std::string_view kind;
  std::unique_ptr<Policy> (*make)(const config::PolicyBlock& block, std::vector<Problem>& problems);
};

// Null: the kind's work is done elsewhere.
constexpr Row kRows[] = {
    {"audit-logger", nullptr},
    {"data-routing-policy", nullptr},
    {"dlp-filter", make_dlp_filter},
    {"pii-detector", make_pii_detector},
    {"safety-filter", make_safety_filter},
    {"prompt-injection", make_prompt_injection},
};

}  // namespace

std::unique_ptr<Policy> make_policy(const config::PolicyBlock& block, std::vector<Problem>& problems) {
  for (const Row& row : kRows) {
    if (row.kind == block.kind && row.make != nullptr) return row.make(block, problems);
  }
  return nullptr;
}

}  // namespace kt::policy

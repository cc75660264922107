#include "kt/routing/data_policy.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace kt::routing {
namespace {

// "East US 2" and "eastus2" are one region.
std::string plain(std::string_view region) {
  std::string out;
  for (const char c : region) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

bool retains_nothing(const config::Target& target) {
  if (target.zdr) return true;
  if (!target.data_policy) return false;
  return target.data_policy->zero_data_retention.value_or(target.data_policy->retention_days == 0u);
}

std::optional<std::uint32_t> retention(const config::Target& target) {
  if (retains_nothing(target)) return 0;
  return target.data_policy ? target.data_policy->retention_days : std::nullopt;
}

bool region_allowed(const DataRequirement& requirement, const std::string& region) {
  const std::string own = plain(region);
  return std::any_of(requirement.allowed_regions.begin(), requirement.allowed_regions.end(),
                     [&](const std::string& each) { return !own.empty() && plain(each) == own; });
}

}  // namespace

Result<DataRequirement> data_requirement(const config::PolicyBlock& block) {
  const auto fields = nlohmann::json::parse(block.fields, nullptr, false);
  if (!fields.is_object()) return Error{Code::internal, "data-routing-policy: unreadable fields"};
  DataRequirement requirement;
  requirement.zero_data_retention = fields.value("require_zero_data_retention", false);
  requirement.no_training = fields.value("require_no_training", false);
  if (fields.contains("max_retention_days") && !fields["max_retention_days"].is_null())
    requirement.max_retention_days = fields["max_retention_days"].get<std::uint32_t>();
  requirement.allowed_regions = fields.value("allowed_regions", std::vector<std::string>());
  requirement.log_selection = fields.value("log_provider_selection", true);
  requirement.enforce = fields.value("enforce", true);
  return requirement;
}

std::string not_compliant(const DataRequirement& requirement, const config::Target& target) {
  if (requirement.zero_data_retention && !retains_nothing(target))
    return "zero data retention is not declared";
  if (requirement.no_training &&
      (!target.data_policy || !target.data_policy->training_opt_out.value_or(false)))
    return "training opt-out is not declared";
  if (requirement.max_retention_days) {
    const auto days = retention(target);
    if (!days) return "retention is not declared";
    if (*days > *requirement.max_retention_days)
      return "retention of " + std::to_string(*days) + " days is too long";
  }
  if (!requirement.allowed_regions.empty()) {
    const std::string region = target.data_policy ? target.data_policy->region : std::string();
    if (region.empty()) return "the region is not declared";
    if (!region_allowed(requirement, region)) return "region " + region + " is not allowed";
  }
  return {};
}

}  // namespace kt::routing

#pragma once
// What is known of the targets: for /health, for /keeptrusts/providers/metrics and for /metrics. Names and
// labels come from the configuration only.

#include <nlohmann/json.hpp>
#include <string>

#include "kt/gateway/worker.hpp"

namespace kt::admin {

enum class TargetHealth : unsigned char {
  healthy,
  degraded,   // asked less than it could be: half-open circuit, cool-down, quota almost used up
  unhealthy,  // no credential, open circuit, or failing health probes (then asked as a last resort)
};
std::string_view name_of(TargetHealth health);

struct TargetReport {
  TargetHealth health = TargetHealth::healthy;
  nlohmann::ordered_json state;  // {"status", "provider", "model", "circuit", ...}
};

TargetReport report_of(gateway::Worker& worker, const gateway::Target& target);

// Everything that is counted about it.
nlohmann::ordered_json statistics_of(const gateway::Worker& worker, const gateway::Target& target);

// Samples in the Prometheus text format, to be appended to those of telemetry::Metrics.
std::string target_metrics(gateway::Worker& worker);

}  // namespace kt::admin

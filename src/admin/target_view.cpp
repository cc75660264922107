#include "admin/target_view.hpp"

namespace kt::admin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCircuits[] = {"closed", "open", "half_open"};

routing::Millis now() { return routing::millis(system_clock().steady()); }

std::string_view circuit_of(const gateway::Worker& worker, const routing::TargetState& state) {
  const bool used = worker.snapshot()->config.circuit_breaker.enabled;
  const auto shown = used ? state.circuit.state(now()) : routing::CircuitState::closed;
  return kCircuits[static_cast<std::size_t>(shown)];
}

routing::Millis cool_down_left(const routing::TargetState& state) {
  return std::max<routing::Millis>(0, state.cool_until.load(std::memory_order_relaxed) - now());
}

std::string_view probe_of(const gateway::Worker& worker, const gateway::Target& target) {
  const auto& own = target.config.health_probe;
  const auto& probe = own ? own : worker.snapshot()->config.health_monitor;
  if (!probe || !probe->enabled) return "off";
  return target.state->probe.healthy() ? "healthy" : "unhealthy";
}

// Why it is not asked, or empty.
std::string_view trouble_of(gateway::Worker& worker, const gateway::Target& target) {
  if (!worker.secrets().read(target.config.secret)) return "credential not available";
  if (circuit_of(worker, *target.state) == "open") return "circuit open";
  if (probe_of(worker, target) == "unhealthy") return "health probes fail";
  return {};
}

// Why it is asked less, or empty.
std::string_view concern_of(const gateway::Worker& worker, const routing::TargetState& state) {
  if (circuit_of(worker, state) == "half_open") return "circuit half-open";
  if (cool_down_left(state) > 0) return "cooling down";
  if (state.quota.low(1, now())) return "quota used up";
  return {};
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json mean_of(const routing::Average& average, double factor) {
  constexpr routing::Millis kWindow = 60'000;
  if (average.samples(now(), kWindow) == 0) return nullptr;
  return static_cast<double>(average.mean()) * factor;
}

}  // namespace

std::string_view name_of(TargetHealth health) {
  constexpr std::string_view kNames[] = {"healthy", "degraded", "unhealthy"};
  return kNames[static_cast<std::size_t>(health)];
}

TargetReport report_of(gateway::Worker& worker, const gateway::Target& target) {
  const routing::TargetState& state = *target.state;
  const std::string_view trouble = trouble_of(worker, target), concern = concern_of(worker, state);
  TargetReport report;
  report.health = !trouble.empty()   ? TargetHealth::unhealthy
                  : !concern.empty() ? TargetHealth::degraded
                                     : TargetHealth::healthy;
  report.state = {{"status", name_of(report.health)},
                  {"provider", target.provider->name()},
                  {"model", target.config.model},
                  {"circuit", circuit_of(worker, state)},
                  {"cool_down_ms", cool_down_left(state)},
                  {"probe", probe_of(worker, target)}};
  if (report.health != TargetHealth::healthy) report.state["reason"] = trouble.empty() ? concern : trouble;
  return report;
}

Json statistics_of(const gateway::Worker& worker, const gateway::Target& target) {
  constexpr std::uint32_t kFew = 1;
  const routing::TargetState& state = *target.state;
  const routing::TargetStats& stats = state.stats;
  const auto milliseconds = [](std::optional<double> seconds) {
    return seconds ? Json(*seconds * 1000) : Json(nullptr);
  };
  return {{"circuit_opens_again_in_ms", circuit_of(worker, state) == "open" ? state.circuit.wait(now()) : 0},
          {"in_flight", state.in_flight.load()},
          {"attempts", stats.attempts.load()},
          {"failures", stats.failures.load()},
          {"rate_limited", stats.rate_limited.load()},
          {"error_share", mean_of(stats.errors, 1)},
          {"latency_ms", mean_of(stats.latency, 1000)},
          {"first_token_ms", mean_of(stats.first_token, 1000)},
          {"first_token_p50_ms", milliseconds(stats.first_token_quantiles.at(0.5, kFew))},
          {"first_token_p95_ms", milliseconds(stats.first_token_quantiles.at(0.95, kFew))},
          {"output_tokens_per_second", mean_of(stats.throughput, 1)},
          {"output_tokens_p95", or_null(stats.output_quantiles.at(0.95, kFew))},
          {"remaining_requests", or_null(state.quota.requests_left(now()))},
          {"remaining_tokens", or_null(state.quota.tokens_left(now()))}};
}

namespace {

std::string label_of(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"' || c == '\n') out += '\\';
    out += c == '\n' ? 'n' : c;
  }
  return out;
}

void head(std::string& out, const std::string& name, const char* type, const char* help) {
  out += "# HELP " + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
}

void sample(std::string& out, const std::string& name, const std::string& labels, std::uint64_t value) {
  out += name + (labels.empty() ? "" : '{' + labels + '}') + ' ' + std::to_string(value) + '\n';
}

// One sample a target.
template <class Get>
void each_target(std::string& out, gateway::Worker& worker, const std::string& name, const char* type,
                 const char* help, Get get) {
  head(out, name, type, help);
  for (const auto& target : worker.snapshot()->targets)
    sample(out, name, "target=\"" + label_of(target->config.id) + '"', get(*target->state));
}

void circuits(std::string& out, gateway::Worker& worker) {
  const std::string name = "keeptrusts_gateway_circuit_state";
  head(out, name, "gauge", "1 for the state the target's circuit is in.");
  for (const auto& target : worker.snapshot()->targets) {
    for (const std::string_view state : kCircuits) {
      const std::string labels =
          "target=\"" + label_of(target->config.id) + "\",state=\"" + std::string(state) + '"';
      sample(out, name, labels, circuit_of(worker, *target->state) == state ? 1 : 0);
    }
  }
}

void refusals(std::string& out, const gateway::Tally& tally) {
  const std::string name = "keeptrusts_gateway_limit_refusals_total";
  head(out, name, "counter", "Requests turned away, and targets passed over, by a limit.");
  for (std::size_t i = 0; i < tally.refused.size(); ++i)
    sample(out, name, "scope=\"" + std::string(routing::name_of(static_cast<routing::Scope>(i))) + '"',
           tally.refused[i].load());
  sample(out, name, "scope=\"budget\"", tally.over_budget.load());
  sample(out, name, "scope=\"concurrency\"", tally.overloaded.load());
}

}  // namespace

std::string target_metrics(gateway::Worker& worker) {
  std::string out;
  circuits(out, worker);
  each_target(out, worker, "keeptrusts_gateway_target_healthy", "gauge", "0 while health probes fail.",
              [](const routing::TargetState& state) { return state.probe.healthy() ? 1 : 0; });
  each_target(out, worker, "keeptrusts_gateway_target_in_flight", "gauge", "Attempts under way.",
              [](const routing::TargetState& state) { return state.in_flight.load(); });
  each_target(out, worker, "keeptrusts_gateway_target_attempts_total", "counter", "Attempts made.",
              [](const routing::TargetState& state) { return state.stats.attempts.load(); });
  each_target(out, worker, "keeptrusts_gateway_target_failures_total", "counter",
              "Attempts that failed by the target's fault.",
              [](const routing::TargetState& state) { return state.stats.failures.load(); });
  each_target(out, worker, "keeptrusts_gateway_target_rate_limited_total", "counter", "Attempts answered 429.",
              [](const routing::TargetState& state) { return state.stats.rate_limited.load(); });
  head(out, "keeptrusts_gateway_further_attempts_total", "counter",
       "Attempts beyond the first of a request: failovers and retries.");
  sample(out, "keeptrusts_gateway_further_attempts_total", {},
         worker.shared().tally.further_attempts.load());
  refusals(out, worker.shared().tally);
  return out;
}

}  // namespace kt::admin

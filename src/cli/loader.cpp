#include "cli/loader.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "kt/config/load.hpp"
#include "kt/policy/chain.hpp"

namespace kt::cli {
namespace {

// --upstream and its companions point every target somewhere else, for debugging.
void override_upstream(const ServerOptions& options, config::Config& config) {
  for (config::Target& target : config.targets) {
    if (!options.upstream.empty()) target.base_url = options.upstream;
    if (!options.upstream_api_key.empty())
      target.secret = {config::SecretRef::Kind::literal, options.upstream_api_key};
    if (!options.upstream_api_key_header.empty()) target.api_key_header = options.upstream_api_key_header;
    if (!options.upstream_api_key_prefix.empty()) target.api_key_prefix = options.upstream_api_key_prefix;
  }
}

audit::Mode mode_named(std::string_view name) {
  return name == "strict" ? audit::Mode::strict : name == "async" ? audit::Mode::async : audit::Mode::group;
}

// Prints all problems; the first error is what the caller tells.
void report(const std::vector<config::Diagnostic>& problems, Loaded& result) {
  for (const auto& each : problems) {
    std::fprintf(stderr, "%s\n", each.text().c_str());
    if (each.severity != config::Diagnostic::Severity::error) continue;
    if (result.why.empty()) result.why = each.text();
    result.exit_code = each.code == "E100" ? 1 : result.exit_code == 1 ? 1 : 2;
  }
}

}  // namespace

std::string Loader::open_trail(const config::Config& config, gateway::AuditTrail& trail) {
  if (std::find(config.chain.begin(), config.chain.end(), "audit-logger") == config.chain.end()) return {};
  const auto fields = nlohmann::json::parse(config.policies.at("audit-logger").fields);
  audit::Options wanted;
  wanted.state_dir = options_.state_dir;
  wanted.immutable = fields.at("immutable");
  wanted.retention_days = fields.at("retention_days");
  wanted.mode = mode_named(fields.at("durability").get<std::string>());
  wanted.witness_file = fields.at("witness_file");
  wanted.witness_syslog = fields.at("witness_syslog");
  if (log_ == nullptr) {
    auto opened = audit::Log::open(wanted);
    if (!opened) return opened.error().message;
    log_ = std::move(*opened);
    log_options_ = wanted;
  } else if (wanted.immutable != log_options_.immutable || wanted.mode != log_options_.mode ||
             wanted.retention_days != log_options_.retention_days ||
             wanted.witness_file != log_options_.witness_file ||
             wanted.witness_syslog != log_options_.witness_syslog) {
    return "immutable, retention_days, durability, witness_file and witness_syslog of audit-logger change "
           "with "
           "a restart only";
  }
  trail.log = log_;
  trail.log_all_access = fields.at("log_all_access");
  trail.hipaa = fields.at("hipaa_audit_controls");
  trail.strict = wanted.mode == audit::Mode::strict;
  return {};
}

Loaded Loader::read() {
  config::Loaded files = config::load_files(options_.policy_config);
  Loaded result;
  report(files.diagnostics, result);
  if (!files.config) return result;
  override_upstream(options_, *files.config);
  std::vector<config::Diagnostic> problems;
  policy::Chain chain = policy::build_chain(*files.config, files.files, problems);
  report(problems, result);
  if (!problems.empty()) return result;
  chain.fail_mode = options_.fail_mode == "allow" ? policy::FailMode::allow : policy::FailMode::block;
  gateway::AuditTrail trail;
  if (std::string why = open_trail(*files.config, trail); !why.empty()) {
    std::fprintf(stderr, "kt: %s\n", why.c_str());
    return {nullptr, 1, std::move(why)};
  }
  auto snapshot = gateway::build_snapshot(std::move(*files.config), std::move(chain), std::move(trail),
                                          shared_.metrics, shared_.targets, secrets_);
  if (!snapshot) {
    std::fprintf(stderr, "kt: %s\n", snapshot.error().message.c_str());
    return {nullptr, 2, snapshot.error().message};
  }
  result.snapshot = *snapshot;
  for (const config::Consumer& each : result.snapshot->config.consumers) shared_.store.open_account(each.id);
  shared_.retries.ratio(result.snapshot->config.retry.budget_ratio);
  return result;
}

void Loader::ship(const config::Config& config) {
  std::vector<gateway::Destination> wanted;
  if (std::find(config.chain.begin(), config.chain.end(), "audit-logger") != config.chain.end()) {
    for (const config::Callback& each : config.callbacks) {
      if (each.type == "otlp")
        wanted.push_back({gateway::Destination::Kind::otlp_logs, each.endpoint, each.headers});
    }
    const std::string witness =
        nlohmann::json::parse(config.policies.at("audit-logger").fields).at("witness_url");
    if (!witness.empty()) wanted.push_back({gateway::Destination::Kind::witness, witness, {}});
  }
  if (wanted == destinations_) return;
  shippers_.clear();
  destinations_ = std::move(wanted);
  for (const gateway::Destination& each : destinations_) {
    auto shipper = gateway::Shipper::start(log_, options_.state_dir, each);
    if (shipper) {
      shippers_.push_back(std::move(*shipper));
    } else {
      telemetry::log(telemetry::Level::error, "audit_export_not_started",
                     {{"reason", std::string_view(shipper.error().message)}});
    }
  }
}

Loaded Loader::load() {
  Loaded result = read();
  if (result.snapshot) {
    ship(result.snapshot->config);
    note("configuration.loaded", {{"config_sha256", result.snapshot->config.sha256},
                                  {"pack", result.snapshot->config.pack.name},
                                  {"version", result.snapshot->config.pack.version}});
  } else {
    note("configuration.rejected", {{"reason", result.why}});
  }
  return result;
}

void Loader::note(std::string_view type, std::initializer_list<audit::EventField> fields) {
  gateway::AuditTrail trail;
  trail.log = log_;
  trail.note(type, fields);
}

}  // namespace kt::cli

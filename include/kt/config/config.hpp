#pragma once
// policy-config.yaml as plain values, after every check the file alone allows. Immutable once loaded; safe to
// share. The table in src/config/fields.cpp is the source of the loader, the JSON Schema and
// docs/configuration.md.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kt::config {

// Where a value stands: index into Loaded::files, 1-based line and column.
struct Position {
  std::uint32_t file = 0, line = 0, column = 0;
};

using Seconds = std::chrono::duration<double>;

struct Pack {
  std::string name, version, description;
  bool enabled = true;
};

// One block below `policy:`. The kind's own file in policy/ reads its fields; the loader has checked their
// names and types.
struct PolicyBlock {
  std::string kind;
  std::string fields = "{}";                  // a JSON object, defaults filled in
  std::map<std::string, Position> positions;  // "detection.attack_patterns[0]" -> where it stands
  Position position;
};

// Where a secret comes from. `literal` only through `api_key`, with a lint warning.
struct SecretRef {
  enum class Kind { none, env, file, store, literal } kind = Kind::none;
  std::string name;  // variable, path or store name; for literal the key itself (never printed)
};

struct AzureAuth {
  enum class Type {
    none,
    managed_identity,
    workload_identity,
    client_secret,
    client_certificate
  } type = Type::none;
  std::string client_id, tenant_id, scope, authority_host;
  SecretRef secret_ref;
};

struct RateLimits {
  std::optional<std::uint64_t> rpm, tpm, max_parallel_requests;
};

struct DataPolicy {
  std::optional<bool> zero_data_retention, training_opt_out;
  std::optional<std::uint32_t> retention_days;
  std::string region;
};

// USD per one million tokens.
struct Pricing {
  double input = 0, output = 0;
  std::optional<double> cached_input, reasoning;
};

struct HealthProbe {
  bool enabled = true;
  Seconds interval{30}, timeout{5};
  std::string path;
  std::uint32_t healthy_threshold = 2, unhealthy_threshold = 3;
};

enum class ProviderKind { azure_openai, openai };

struct Target {
  std::string id, model, description, provider_type, format = "openai";
  ProviderKind provider = ProviderKind::azure_openai;
  std::string base_url;  // scheme://host[:port][/prefix], checked; no trailing slash
  SecretRef secret;
  std::optional<std::string> api_key_header, api_key_prefix;  // unset: the provider's own
  std::string azure_api_version;                              // dated version, or "v1"
  std::string azure_deployment;                               // defaults to model
  std::string azure_client_id;
  AzureAuth azure_auth;
  std::string path_template;  // empty: the provider's own
  Seconds timeout{60}, connect_timeout{5};
  std::optional<Seconds> stream_timeout, first_token_timeout, stream_idle_timeout;
  std::optional<std::uint64_t> max_context_tokens;
  std::vector<std::pair<std::string, std::string>> headers;
  double weight = 1.0;
  std::uint32_t priority = 0;
  std::vector<std::string> aliases;
  std::optional<DataPolicy> data_policy;
  bool zdr = false;
  std::string data_collection;
  std::optional<Pricing> pricing;
  std::optional<HealthProbe> health_probe;
  RateLimits rate_limits;
  Position position;
};

struct Routing {
  std::string strategy;  // canonical spelling: underscores; empty = ordered
  Seconds window{60};
  std::uint32_t min_sample_count = 5;
  std::string sticky_by = "user";  // user | conversation
  std::string mirror_target;
  double mirror_sample_rate = 1.0;
  std::chrono::milliseconds mirror_timeout{5000};
  std::string hedge_after;  // empty = no hedging; "p95"
  Position position;
};

struct Fallback {
  bool present = false;  // without the section, failover is on and goes through all targets
  bool enabled = false;
  std::vector<std::string> triggers;
  std::uint32_t max_fallback_attempts = 3;
  std::string content_policy = "stop", context_window = "abort";
};

struct Retry {
  bool enabled = false;
  std::uint32_t max_attempts = 2;
  std::chrono::milliseconds initial_delay{500}, max_delay{10000};
  double backoff_multiplier = 2.0;
  bool jitter = true;
  std::vector<std::uint32_t> retryable_status_codes{408, 429, 500, 502, 503, 504};
  double budget_ratio = 0.1;
};

struct CircuitBreaker {
  bool enabled = false;
  std::uint32_t failure_threshold = 5, half_open_max_requests = 1;
  Seconds cooldown{30};
};

struct ModelGroup {
  std::string name, strategy, fallback_group;
  std::vector<std::string> targets, aliases;
  std::map<std::string, double> weights;
  Position position;
};

struct RateLimit {
  bool enabled = false;
  std::uint64_t max = 0;  // requests, or tokens
  Seconds window{60};
  std::uint32_t trust_proxy_depth = 0;
  std::vector<std::string> header_names{"x-user-id"};
  std::string scope = "global";
};

struct SizeLimits {
  std::uint64_t max_body_bytes = 64ull << 20, max_response_bytes = 64ull << 20,
                max_header_bytes = 16ull << 10;
};

struct IpAllowlist {
  bool enabled = false;
  std::vector<std::string> cidrs;
  std::uint32_t trust_proxy_depth = 0;
};

struct Cors {
  bool enabled = false, credentials = false;
  std::vector<std::string> allow_origins, allow_methods, allow_headers, expose_headers;
  std::uint32_t max_age = 600;
};

struct Callback {
  std::string type, endpoint;  // prometheus | otlp
  std::map<std::string, std::string> headers;
  std::vector<std::string> signals;
};

struct Budget {
  std::optional<double> daily_usd, monthly_usd;
  std::optional<std::uint64_t> daily_tokens, monthly_tokens;
};

struct Consumer {
  std::string id;
  SecretRef key;           // env or file; none when key_sha256 is set
  std::string key_sha256;  // lower-case hex
  std::vector<std::string> models;
  RateLimits rate_limits;
  Budget budget;
  Position position;
};

struct Gateway {
  std::uint32_t block_status_code = 409;
  std::optional<Seconds> request_deadline;
  Seconds drain{30};
  SecretRef admin_token;
  bool admin_allow_remote = false;
  Seconds header_timeout{10}, idle_timeout{60}, write_timeout{30}, body_timeout{60};
  Seconds upstream_idle{60}, dns_ttl{60}, dns_timeout{5}, keepalive_comment{15};
  std::uint32_t max_json_depth = 64;
};

struct Config {
  Pack pack;
  std::vector<std::string> chain;               // kinds in execution order
  std::map<std::string, PolicyBlock> policies;  // by kind; every kind of the chain has one
  std::vector<Target> targets;
  Routing routing;
  Fallback fallback;
  Retry retry;
  CircuitBreaker circuit_breaker;
  std::optional<HealthProbe> health_monitor;
  std::vector<ModelGroup> model_groups;
  RateLimit global_rate_limit, ip_rate_limit, user_rate_limit, token_rate_limit;
  SizeLimits size_limits;
  IpAllowlist ip_allowlist;
  Cors cors;
  std::vector<Callback> callbacks;
  std::vector<Consumer> consumers;
  std::string testing = "{}";  // the `testing` section as JSON
  Gateway gateway;
  std::string sha256;                      // over the bytes of all files in order
  std::vector<std::string> not_in_effect;  // what is configured and this version does not do, one line each
};

}  // namespace kt::config

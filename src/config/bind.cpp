#include "config/bind.hpp"

#include <algorithm>

namespace kt::config {
namespace {

Position place(const Checker& checker, const std::string& path) {
  const auto found = checker.positions.find(path);
  return found == checker.positions.end() ? Position{} : found->second;
}

template <class T>
void take(const Json& from, const char* name, T& into) {
  if (from.contains(name) && !from[name].is_null()) into = from[name].get<T>();
}

template <class T>
void take(const Json& from, const char* name, std::optional<T>& into) {
  if (from.contains(name) && !from[name].is_null()) into = from[name].get<T>();
}

void take(const Json& from, const char* name, Seconds& into) {
  if (from.contains(name) && !from[name].is_null()) into = Seconds(from[name].get<double>());
}

void take(const Json& from, const char* name, std::optional<Seconds>& into) {
  if (from.contains(name) && !from[name].is_null()) into = Seconds(from[name].get<double>());
}

void take(const Json& from, const char* name, std::chrono::milliseconds& into) {
  if (from.contains(name) && !from[name].is_null())
    into = std::chrono::milliseconds(from[name].get<std::int64_t>());
}

SecretRef secret_ref(const Json& from, const char* name) {
  if (!from.contains(name) || from[name].empty()) return {};
  const Json& ref = from[name];
  if (ref.contains("env")) return {SecretRef::Kind::env, ref["env"].get<std::string>()};
  if (ref.contains("file")) return {SecretRef::Kind::file, ref["file"].get<std::string>()};
  if (ref.contains("store")) return {SecretRef::Kind::store, ref["store"].get<std::string>()};
  return {};
}

std::string underscored(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  if (text == "fallback") return "ordered";
  if (text == "cost") return "lowest_cost";
  return text;
}

HealthProbe health_probe(const Json& from) {
  HealthProbe probe;
  take(from, "enabled", probe.enabled);
  take(from, "interval_seconds", probe.interval);
  take(from, "timeout_seconds", probe.timeout);
  take(from, "path", probe.path);
  take(from, "healthy_threshold", probe.healthy_threshold);
  take(from, "unhealthy_threshold", probe.unhealthy_threshold);
  return probe;
}

RateLimits rate_limits(const Json& from) {
  RateLimits limits;
  take(from, "rpm", limits.rpm);
  take(from, "tpm", limits.tpm);
  take(from, "max_parallel_requests", limits.max_parallel_requests);
  return limits;
}

AzureAuth azure_auth(const Json& from) {
  static const std::map<std::string, AzureAuth::Type> kTypes{
      {"managed_identity", AzureAuth::Type::managed_identity},
      {"workload_identity", AzureAuth::Type::workload_identity},
      {"client_secret", AzureAuth::Type::client_secret},
      {"client_certificate", AzureAuth::Type::client_certificate}};
  AzureAuth auth;
  auth.type = kTypes.at(from.at("type").get<std::string>());
  take(from, "client_id", auth.client_id);
  take(from, "tenant_id", auth.tenant_id);
  take(from, "scope", auth.scope);
  take(from, "authority_host", auth.authority_host);
  auth.secret_ref = secret_ref(from, "secret_ref");
  return auth;
}

// "azure:chat:gpt-4o" names provider and model at once.
void provider_of(const std::string& text, Target& target) {
  target.provider = text.starts_with("azure") ? ProviderKind::azure_openai : ProviderKind::openai;
  const std::size_t last = text.rfind(':');
  if (last != text.npos && target.model.empty()) target.model = text.substr(last + 1);
}

void bind_secret(const Json& from, Target& target) {
  target.secret = secret_ref(from, "secret_key_ref");
  if (from.contains("api_key"))
    target.secret = {SecretRef::Kind::literal, from["api_key"].get<std::string>()};
  if (from.contains("azure_auth")) target.azure_auth = azure_auth(from["azure_auth"]);
  if (target.secret.kind == SecretRef::Kind::none && target.azure_auth.type == AzureAuth::Type::none) {
    target.secret = {SecretRef::Kind::env,
                     target.provider == ProviderKind::openai ? "OPENAI_API_KEY" : "AZURE_OPENAI_API_KEY"};
  }
}

void bind_timeouts(const Json& from, Target& target) {
  take(from, "timeout_seconds", target.timeout);
  take(from, "connect_timeout_seconds", target.connect_timeout);
  take(from, "stream_timeout_seconds", target.stream_timeout);
  take(from, "first_token_timeout_seconds", target.first_token_timeout);
  take(from, "stream_idle_timeout_seconds", target.stream_idle_timeout);
}

Target bind_target(const Json& from) {
  Target target;
  take(from, "id", target.id);
  take(from, "model", target.model);
  provider_of(from.at("provider").get<std::string>(), target);
  take(from, "base_url", target.base_url);
  if (target.base_url.empty() && target.provider == ProviderKind::openai)
    target.base_url = "https://api.openai.com/v1";
  while (target.base_url.ends_with('/')) target.base_url.pop_back();
  bind_secret(from, target);
  take(from, "api_key_header", target.api_key_header);
  take(from, "api_key_prefix", target.api_key_prefix);
  target.azure_api_version = "2024-10-21";
  take(from, "azure_api_version", target.azure_api_version);
  target.azure_deployment = target.model;
  take(from, "azure_deployment", target.azure_deployment);
  take(from, "azure_client_id", target.azure_client_id);
  take(from, "path_template", target.path_template);
  bind_timeouts(from, target);
  take(from, "max_context_tokens", target.max_context_tokens);
  if (from.contains("headers")) {
    for (const auto& [name, value] : from["headers"].items())
      target.headers.emplace_back(name, value.get<std::string>());
  }
  take(from, "provider_type", target.provider_type);
  take(from, "description", target.description);
  take(from, "weight", target.weight);
  take(from, "priority", target.priority);
  take(from, "aliases", target.aliases);
  take(from, "zdr", target.zdr);
  take(from, "data_collection", target.data_collection);
  if (from.contains("data_policy")) {
    DataPolicy policy;
    take(from["data_policy"], "zero_data_retention", policy.zero_data_retention);
    take(from["data_policy"], "training_opt_out", policy.training_opt_out);
    take(from["data_policy"], "retention_days", policy.retention_days);
    take(from["data_policy"], "region", policy.region);
    target.data_policy = policy;
  }
  if (from.contains("pricing")) {
    Pricing pricing;
    take(from["pricing"], "input", pricing.input);
    take(from["pricing"], "output", pricing.output);
    take(from["pricing"], "cached_input", pricing.cached_input);
    take(from["pricing"], "reasoning", pricing.reasoning);
    target.pricing = pricing;
  }
  if (from.contains("health_probe")) target.health_probe = health_probe(from["health_probe"]);
  if (from.contains("rate_limits")) target.rate_limits = rate_limits(from["rate_limits"]);
  return target;
}

Routing bind_routing(const Json& from) {
  Routing routing;
  take(from, "strategy", routing.strategy);
  take(from, "window_seconds", routing.window);
  take(from, "min_sample_count", routing.min_sample_count);
  take(from, "sticky_by", routing.sticky_by);
  take(from, "mirror_target", routing.mirror_target);
  take(from, "sample_rate", routing.mirror_sample_rate);
  take(from, "timeout_ms", routing.mirror_timeout);
  if (from.contains("hedge")) take(from["hedge"], "after", routing.hedge_after);
  return routing;
}

Fallback bind_fallback(const Json& from) {
  Fallback fallback;
  fallback.present = true;
  take(from, "enabled", fallback.enabled);
  take(from, "triggers", fallback.triggers);
  take(from, "max_fallback_attempts", fallback.max_fallback_attempts);
  take(from, "content_policy", fallback.content_policy);
  take(from, "context_window", fallback.context_window);
  return fallback;
}

Retry bind_retry(const Json& from) {
  Retry retry;
  take(from, "enabled", retry.enabled);
  take(from, "max_attempts", retry.max_attempts);
  take(from, "initial_delay_ms", retry.initial_delay);
  take(from, "max_delay_ms", retry.max_delay);
  take(from, "backoff_multiplier", retry.backoff_multiplier);
  take(from, "jitter", retry.jitter);
  take(from, "retryable_status_codes", retry.retryable_status_codes);
  take(from, "budget_ratio", retry.budget_ratio);
  return retry;
}

CircuitBreaker bind_breaker(const Json& from) {
  CircuitBreaker breaker;
  take(from, "enabled", breaker.enabled);
  take(from, "failure_threshold", breaker.failure_threshold);
  take(from, "cooldown_seconds", breaker.cooldown);
  take(from, "half_open_max_requests", breaker.half_open_max_requests);
  return breaker;
}

void bind_providers(const Json& root, const Checker& checker, Config& config) {
  const Json& from = root.at("providers");
  for (std::size_t i = 0; i < from.at("targets").size(); ++i) {
    config.targets.push_back(bind_target(from["targets"][i]));
    config.targets.back().position = place(checker, "providers.targets[" + std::to_string(i) + "]");
  }
  if (root.contains("provider_routing")) config.routing = bind_routing(root["provider_routing"]);
  if (from.contains("routing")) config.routing = bind_routing(from["routing"]);
  if (config.routing.strategy.empty()) take(from, "strategy", config.routing.strategy);
  config.routing.strategy = underscored(config.routing.strategy);
  if (root.contains("provider_fallback")) config.fallback = bind_fallback(root["provider_fallback"]);
  if (from.contains("fallback")) config.fallback = bind_fallback(from["fallback"]);
  if (from.contains("retry")) config.retry = bind_retry(from["retry"]);
  if (from.contains("circuit_breaker")) config.circuit_breaker = bind_breaker(from["circuit_breaker"]);
  if (root.contains("health_monitor")) config.health_monitor = health_probe(root["health_monitor"]);
  if (from.contains("health_monitor")) config.health_monitor = health_probe(from["health_monitor"]);
}

void bind_groups(const Json& root, const Checker& checker, Config& config) {
  for (std::size_t i = 0; i < root["model_groups"].size(); ++i) {
    const Json& from = root["model_groups"][i];
    ModelGroup group;
    take(from, "name", group.name);
    take(from, "strategy", group.strategy);
    group.strategy = underscored(group.strategy);
    take(from, "fallback_group", group.fallback_group);
    take(from, "targets", group.targets);
    take(from, "aliases", group.aliases);
    take(from, "weights", group.weights);
    group.position = place(checker, "model_groups[" + std::to_string(i) + "]");
    config.model_groups.push_back(std::move(group));
  }
}

RateLimit bind_limit(const Json& root, const char* name) {
  RateLimit limit;
  if (!root.contains(name)) return limit;
  take(root[name], "enabled", limit.enabled);
  take(root[name], "max_requests", limit.max);
  take(root[name], "max_tokens", limit.max);
  take(root[name], "window_seconds", limit.window);
  take(root[name], "trust_proxy_depth", limit.trust_proxy_depth);
  take(root[name], "header_names", limit.header_names);
  take(root[name], "scope", limit.scope);
  return limit;
}

void bind_consumers(const Json& root, const Checker& checker, Config& config) {
  for (std::size_t i = 0; i < root["consumers"].size(); ++i) {
    const Json& from = root["consumers"][i];
    Consumer consumer;
    take(from, "id", consumer.id);
    consumer.key = secret_ref(from, "key_ref");
    take(from["key_ref"], "sha256", consumer.key_sha256);
    take(from, "models", consumer.models);
    if (from.contains("rate_limits")) consumer.rate_limits = rate_limits(from["rate_limits"]);
    if (from.contains("budget")) {
      take(from["budget"], "daily_usd", consumer.budget.daily_usd);
      take(from["budget"], "monthly_usd", consumer.budget.monthly_usd);
      take(from["budget"], "daily_tokens", consumer.budget.daily_tokens);
      take(from["budget"], "monthly_tokens", consumer.budget.monthly_tokens);
    }
    consumer.position = place(checker, "consumers[" + std::to_string(i) + "]");
    config.consumers.push_back(std::move(consumer));
  }
}

void bind_gateway(const Json& root, Config& config) {
  if (!root.contains("gateway")) return;
  const Json& from = root["gateway"];
  Gateway& gateway = config.gateway;
  take(from, "block_status_code", gateway.block_status_code);
  take(from, "request_deadline_seconds", gateway.request_deadline);
  take(from, "drain_seconds", gateway.drain);
  if (from.contains("admin")) {
    gateway.admin_token = secret_ref(from["admin"], "token_ref");
    take(from["admin"], "allow_remote", gateway.admin_allow_remote);
  }
  take(from, "header_timeout_seconds", gateway.header_timeout);
  take(from, "body_timeout_seconds", gateway.body_timeout);
  take(from, "idle_timeout_seconds", gateway.idle_timeout);
  take(from, "write_timeout_seconds", gateway.write_timeout);
  take(from, "upstream_idle_seconds", gateway.upstream_idle);
  take(from, "dns_ttl_seconds", gateway.dns_ttl);
  take(from, "dns_timeout_seconds", gateway.dns_timeout);
  take(from, "keepalive_comment_seconds", gateway.keepalive_comment);
  take(from, "max_json_depth", gateway.max_json_depth);
}

void bind_edges(const Json& root, Config& config) {
  config.global_rate_limit = bind_limit(root, "global_rate_limit");
  config.ip_rate_limit = bind_limit(root, "ip_rate_limit");
  config.user_rate_limit = bind_limit(root, "user_rate_limit");
  config.token_rate_limit = bind_limit(root, "token_rate_limit");
  if (root.contains("size_limits")) {
    take(root["size_limits"], "max_body_bytes", config.size_limits.max_body_bytes);
    take(root["size_limits"], "max_response_bytes", config.size_limits.max_response_bytes);
    take(root["size_limits"], "max_header_bytes", config.size_limits.max_header_bytes);
  }
  if (root.contains("ip_allowlist")) {
    take(root["ip_allowlist"], "enabled", config.ip_allowlist.enabled);
    take(root["ip_allowlist"], "cidrs", config.ip_allowlist.cidrs);
    take(root["ip_allowlist"], "trust_proxy_depth", config.ip_allowlist.trust_proxy_depth);
  }
  if (root.contains("cors")) {
    const Json& from = root["cors"];
    take(from, "enabled", config.cors.enabled);
    take(from, "allow_origins", config.cors.allow_origins);
    take(from, "allow_methods", config.cors.allow_methods);
    take(from, "allow_headers", config.cors.allow_headers);
    take(from, "expose_headers", config.cors.expose_headers);
    take(from, "credentials", config.cors.credentials);
    take(from, "max_age", config.cors.max_age);
  }
  for (const Json& from : root["callbacks"]) {
    Callback callback;
    take(from, "type", callback.type);
    take(from, "endpoint", callback.endpoint);
    take(from, "headers", callback.headers);
    take(from, "signals", callback.signals);
    config.callbacks.push_back(std::move(callback));
  }
}

void bind_policies(const Json& root, const Checker& checker, Config& config) {
  if (root.contains("policies")) take(root["policies"], "chain", config.chain);
  const Json blocks = root.value("policy", Json::object());
  for (const auto& [kind, block] : blocks.items()) {
    PolicyBlock& out = config.policies[kind];
    out.kind = kind;
    out.fields = block.dump();
    const std::string prefix = "policy." + kind;
    out.position = place(checker, prefix);
    for (auto at = checker.positions.lower_bound(prefix + ".");
         at != checker.positions.end() && at->first.starts_with(prefix + "."); ++at) {
      out.positions[at->first.substr(prefix.size() + 1)] = at->second;
    }
  }
}

}  // namespace

Config bind_config(const Json& root, const Checker& checker) {
  Config config;
  take(root["pack"], "name", config.pack.name);
  take(root["pack"], "version", config.pack.version);
  take(root["pack"], "description", config.pack.description);
  bind_policies(root, checker, config);
  bind_providers(root, checker, config);
  bind_groups(root, checker, config);
  bind_edges(root, config);
  bind_consumers(root, checker, config);
  bind_gateway(root, config);
  if (root.contains("testing")) config.testing = root["testing"].dump();
  return config;
}

}  // namespace kt::config

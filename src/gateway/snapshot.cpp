#include "kt/gateway/snapshot.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "gateway/durations.hpp"
#include "kt/http/url.hpp"
#include "kt/http/writer.hpp"
#include "kt/json/scan.hpp"
#include "kt/telemetry/log.hpp"
#include "kt/tokens/vocabulary.hpp"

namespace kt::gateway {
namespace {

constexpr llm::Endpoint kServed[] = {llm::Endpoint::chat, llm::Endpoint::completions,
                                     llm::Endpoint::embeddings};

// The part of a request head that is the same for every request to this target. Headers the client sent are
// no part of it.
Result<std::string> render_head(const Target& target, const http::Url& url, llm::Endpoint endpoint) {
  auto path = target.provider->path(target.config, endpoint);
  if (!path) return path.error();
  std::string head;
  http::HeadWriter writer(head);
  writer.request("POST", url.prefix + *path);
  writer.own_field("host", url.authority());
  writer.own_field("content-type", "application/json");
  writer.own_field("accept", "application/json, text/event-stream");
  writer.own_field("accept-encoding", "identity");
  writer.own_field("user-agent", "kt/" KT_VERSION);
  for (const auto& [name, value] : target.config.headers) {
    if (!writer.field(name, value))
      return Error{Code::internal, "target " + target.config.id + ": a header that cannot be sent"};
  }
  return head;
}

Result<std::unique_ptr<Target>> compile(const config::Target& config, telemetry::Metrics& metrics,
                                        routing::TargetStates& states) {
  auto target = std::make_unique<Target>();
  target->config = config;
  target->provider = &provider::provider_of(config.provider);
  std::string why;
  const auto url = http::parse_base_url(config.base_url, why);
  if (!url) return Error{Code::internal, "target " + config.id + ": base_url: " + why};
  target->origin = {url->tls, url->host, url->port};
  target->origin_key = target->origin.key();
  if (const auto model = target->provider->model_field(config).required) {
    target->model_field.emplace();
    json::escape(*model, *target->model_field);
  }
  target->takes_include_usage = target->provider->takes_include_usage(config);
  for (const llm::Endpoint endpoint : kServed) {
    auto head = render_head(*target, *url, endpoint);
    if (!head) return head.error();
    target->heads[static_cast<std::size_t>(endpoint)] = std::move(*head);
  }
  target->series = metrics.series_id({config.model, std::string(target->provider->name())});
  target->state = states.of(config.id);
  return target;
}

using Members = std::map<std::string, std::vector<std::size_t>, std::less<>>;

std::uint64_t smallest_window(const routing::Group& group) {
  std::uint64_t smallest = ~std::uint64_t{0};
  for (const routing::Candidate& each : group.candidates) {
    if (each.max_context_tokens > 0) smallest = std::min(smallest, each.max_context_tokens);
  }
  return smallest;
}

Model make_model(const Snapshot& snapshot, const std::vector<std::size_t>& members,
                 const config::ModelGroup* group, routing::TargetStates& states) {
  const routing::GroupSource source{snapshot.config, members, group, &snapshot.not_compliant};
  Model model;
  model.first = snapshot.targets[members.front()].get();
  model.group = routing::make_group(source, states);
  model.smallest_window = smallest_window(*model.group);
  model.larger = routing::make_larger_group(source, states);
  model.group->larger = model.larger.get();
  return model;
}

Models make_models(const Snapshot& snapshot, const Members& members, routing::TargetStates& states) {
  Models models;
  for (const auto& [name, indices] : members) {
    models[name] = make_model(snapshot, indices, nullptr, states);
  }
  return models;
}

void add_groups(Snapshot& snapshot, routing::TargetStates& states) {
  const auto& targets = snapshot.config.targets;
  const auto make = [&](const config::ModelGroup& group) {
    std::vector<std::size_t> members;
    for (const std::string& id : group.targets) {
      const auto found = std::find_if(targets.begin(), targets.end(), [&](const auto& each) { return each.id == id; });
      members.push_back(static_cast<std::size_t>(found - targets.begin()));
    }
    return make_model(snapshot, members, &group, states);
  };
  for (const config::ModelGroup& group : snapshot.config.model_groups) {
    snapshot.models[group.name] = make(group);
    for (const std::string& alias : group.aliases) snapshot.aliases[alias] = make(group);
  }
  for (const config::ModelGroup& group : snapshot.config.model_groups) {
    if (group.fallback_group.empty()) continue;
    const routing::Group* fallback = snapshot.models.at(group.fallback_group).group.get();
    snapshot.models[group.name].group->fallback = fallback;
    for (const std::string& alias : group.aliases) snapshot.aliases[alias].group->fallback = fallback;
  }
}

void index_targets(Snapshot& snapshot, routing::TargetStates& states) {
  Members by_model, by_deployment, by_alias;
  for (std::size_t i = 0; i < snapshot.config.targets.size(); ++i) {
    const config::Target& target = snapshot.config.targets[i];
    by_model[target.model].push_back(i);
    by_deployment[target.azure_deployment].push_back(i);
    for (const std::string& alias : target.aliases) by_alias[alias].push_back(i);
  }
  snapshot.models = make_models(snapshot, by_model, states);
  snapshot.deployments = make_models(snapshot, by_deployment, states);
  snapshot.aliases = make_models(snapshot, by_alias, states);
  add_groups(snapshot, states);
}

// Keys that cannot be read belong to nobody; who needs one is turned away.
routing::Consumers make_consumers(const config::Config& config, credential::SecretSource& secrets) {
  std::vector<routing::ConsumerKey> keys;
  for (const config::Consumer& consumer : config.consumers) {
    if (const auto digest = routing::read_digest(consumer.key_sha256)) {
      keys.push_back({&consumer, *digest});
    } else if (const auto key = secrets.read(consumer.key)) {
      keys.push_back({&consumer, sha256(key->reveal())});
    } else {
      telemetry::log(telemetry::Level::warn, "consumer_without_key", {{"consumer", std::string_view(consumer.id)}});
    }
  }
  return {std::move(keys), !config.consumers.empty()};
}

bool counts_tokens(const config::Config& config) {
  const auto limited = [](const config::RateLimits& limits) { return limits.tpm.has_value(); };
  return config.token_rate_limit.enabled || config.routing.strategy == "lowest_cost" ||
         std::any_of(config.targets.begin(), config.targets.end(),
                     [&](const config::Target& each) { return limited(each.rate_limits); }) ||
         !config.consumers.empty();
}

bool limits_callers(const config::Config& config) {
  return config.global_rate_limit.enabled || config.ip_rate_limit.enabled || config.user_rate_limit.enabled ||
         config.token_rate_limit.enabled || !config.consumers.empty();
}

bool asks_who(const config::Config& config) {
  return config.routing.strategy == "sticky" ||
         std::any_of(config.model_groups.begin(), config.model_groups.end(),
                     [](const config::ModelGroup& each) { return each.strategy == "sticky"; });
}

nlohmann::ordered_json model_json(const std::string& name, const Model& model) {
  return {{"id", name}, {"object", "model"}, {"created", 0}, {"owned_by", model.first->provider->name()}};
}

std::string render_models(const Snapshot& snapshot) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [name, model] : snapshot.models) list.push_back(model_json(name, model));
  return nlohmann::ordered_json{{"object", "list"}, {"data", list}}.dump();
}

net::SessionLimits session_limits(const config::Config& config) {
  net::SessionLimits limits;
  limits.header_timeout = duration(config.gateway.header_timeout);
  limits.idle_timeout = duration(config.gateway.idle_timeout);
  limits.body_timeout = duration(config.gateway.body_timeout);
  limits.write_timeout = duration(config.gateway.write_timeout);
  limits.head.max_head_bytes = config.size_limits.max_header_bytes;
  limits.max_body_bytes = config.size_limits.max_body_bytes;
  return limits;
}

const Model* find(const Models& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

// Azure spells gpt-35-turbo what OpenAI spells gpt-3.5-turbo.
std::string other_spelling(std::string_view name) {
  constexpr std::string_view kOpenAi = "gpt-3.5-turbo", kAzure = "gpt-35-turbo";
  if (name.starts_with(kOpenAi)) return std::string(kAzure).append(name.substr(kOpenAi.size()));
  if (name.starts_with(kAzure)) return std::string(kOpenAi).append(name.substr(kAzure.size()));
  return {};
}

}  // namespace

void AuditTrail::note(std::string_view type, std::initializer_list<audit::EventField> fields) const {
  if (log == nullptr) return;
  // Events are kept while the disk is full; only a log that is closed refuses them.
  [[maybe_unused]] const Status taken =
      log->submit({audit::Kind::event, {}, audit::event_fields(system_clock().wall(), type, fields), nullptr});
}

const Model* Snapshot::find_model(std::string_view name) const {
  if (const Model* exact = find(models, name)) return exact;
  if (const Model* alias = find(aliases, name)) return alias;
  const std::string other = other_spelling(name);
  return other.empty() ? nullptr : find(models, other);
}

const Model* Snapshot::find_deployment(std::string_view name) const {
  if (const Model* exact = find(deployments, name)) return exact;
  return find_model(name);
}

Result<std::shared_ptr<const Snapshot>> build_snapshot(config::Config config, policy::Chain chain,
                                                       AuditTrail audit, telemetry::Metrics& metrics,
                                                       routing::TargetStates& states,
                                                       credential::SecretSource& secrets) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->config = std::move(config);
  snapshot->chain = std::move(chain);
  snapshot->audit = std::move(audit);
  for (policy::Entry& entry : snapshot->chain.entries) entry.series = metrics.policy_id(entry.policy->kind());
  for (const config::Target& each : snapshot->config.targets) {
    auto target = compile(each, metrics, states);
    if (!target) return target.error();
    snapshot->targets.push_back(std::move(*target));
  }
  auto reasons = routing::compliance(snapshot->config);
  if (!reasons) return reasons.error();
  snapshot->not_compliant = std::move(*reasons);
  index_targets(*snapshot, states);
  snapshot->consumers = make_consumers(snapshot->config, secrets);
  snapshot->limits_callers = limits_callers(snapshot->config);
  snapshot->counts_tokens = counts_tokens(snapshot->config);
  snapshot->sticky = asks_who(snapshot->config);
  // Expanded here and not on a worker.
  if (snapshot->counts_tokens) {
    for (const auto& target : snapshot->targets) tokens::Vocabulary::of(tokens::encoding_of(target->config.model));
  }
  snapshot->course = std::make_unique<routing::CourseRules>(snapshot->config);
  snapshot->models_body = render_models(*snapshot);
  snapshot->session_limits = session_limits(snapshot->config);
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

std::string model_body(const Snapshot& snapshot, std::string_view name) {
  const Model* model = snapshot.find_model(name);
  return model == nullptr ? std::string() : model_json(std::string(name), *model).dump();
}

}  // namespace kt::gateway

#include "admin/config_view.hpp"

#include <nlohmann/json.hpp>

namespace kt::admin {
namespace {

using Json = nlohmann::ordered_json;

Json secret(const config::SecretRef& ref) {
  switch (ref.kind) {
    case config::SecretRef::Kind::none:
      return nullptr;
    case config::SecretRef::Kind::env:
      return {{"env", ref.name}};
    case config::SecretRef::Kind::file:
      return {{"file", ref.name}};
    case config::SecretRef::Kind::store:
      return {{"store", ref.name}};
    case config::SecretRef::Kind::literal:
      return "********";
  }
  return nullptr;
}

Json target(const config::Target& target) {
  Json headers = Json::object();
  for (const auto& [name, value] : target.headers) headers[name] = "********";
  return {{"id", target.id},
          {"provider", target.provider == config::ProviderKind::openai ? "openai" : "azure-openai"},
          {"model", target.model},
          {"base_url", target.base_url},
          {"azure_deployment", target.azure_deployment},
          {"azure_api_version", target.azure_api_version},
          {"secret_key_ref", secret(target.secret)},
          {"headers", headers},
          {"aliases", target.aliases}};
}

}  // namespace

Json config_view(const config::Config& config) {
  Json targets = Json::array();
  for (const config::Target& each : config.targets) targets.push_back(target(each));
  Json policies = Json::object();
  for (const auto& [kind, block] : config.policies) policies[kind] = Json::parse(block.fields);
  return {{"pack", {{"name", config.pack.name}, {"version", config.pack.version}}},
          {"sha256", config.sha256},
          {"policies", {{"chain", config.chain}}},
          {"policy", policies},
          {"providers",
           {{"strategy", config.routing.strategy.empty() ? "ordered" : config.routing.strategy},
            {"targets", targets}}}};
}

}  // namespace kt::admin

#include <algorithm>
#include <set>

#include "config/bind.hpp"
#include "kt/http/url.hpp"
#include "kt/http/writer.hpp"

namespace kt::config {
namespace {

class CrossCheck {
 public:
  CrossCheck(const Json& root, Checker& checker) : root_(root), checker_(checker) {}

  void run() {
    pack();
    if (root_.contains("providers") && root_["providers"].contains("targets"))
      targets(root_["providers"]["targets"]);
    groups();
    routing("providers.routing", root_.value("providers", Json::object()).value("routing", Json::object()));
    routing("provider_routing", root_.value("provider_routing", Json::object()));
    consumers();
    callbacks();
    not_enforced();
  }

 private:
  [[nodiscard]] Position at(const std::string& path) const {
    std::string known = path;
    for (;;) {
      const auto found = checker_.positions.find(known);
      if (found != checker_.positions.end()) return found->second;
      const std::size_t cut = known.find_last_of(".[");
      if (cut == std::string::npos) return {};
      known.resize(cut);
    }
  }
  void error(const char* code, const std::string& path, std::string message, std::string advice = {}) {
    checker_.error(code, path, at(path), std::move(message), std::move(advice));
  }
  void warning(const char* code, const std::string& path, std::string message, std::string advice = {}) {
    checker_.warning(code, path, at(path), std::move(message), std::move(advice));
  }

  static std::string text(const Json& from, const char* name) {
    return from.contains(name) && from[name].is_string() ? from[name].get<std::string>() : std::string();
  }

  void pack() {
    const Json pack = root_.value("pack", Json::object());
    if (pack.contains("enabled") && pack["enabled"] == false)
      error("E111", "pack.enabled", "the pack is disabled", "enable it, or do not start the gateway with it");
    if (pack.contains("name") && text(pack, "name").empty() && pack["name"].is_string())
      error("E106", "pack.name", "the name is empty");
    const std::string version = text(pack, "version");
    int dots = 0;
    const std::string core = version.substr(0, version.find_first_of("-+"));
    const bool digits = std::all_of(core.begin(), core.end(), [&](char c) {
      return c == '.' ? (++dots, true) : std::isdigit(static_cast<unsigned char>(c)) != 0;
    });
    if (pack.contains("version") && pack["version"].is_string() &&
        (version.empty() || !digits || dots != 2 || core.front() == '.' || core.back() == '.' || core.find("..") != core.npos))
      error("E106", "pack.version", "the version is not in SemVer", "like 1.0.0");
  }

  void targets(const Json& list) {
    if (list.empty()) error("E105", "providers.targets", "there is no target", "add one");
    double weights = 0;
    bool weighted = true;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!list[i].is_object()) continue;
      target(list[i], "providers.targets[" + std::to_string(i) + "]");
      weighted = weighted && list[i].contains("weight") && list[i]["weight"].is_number();
      if (weighted) weights += list[i]["weight"].get<double>();
    }
    if (weighted && !list.empty() && weights == 0)
      error("E106", "providers.targets", "the weight is 0 everywhere", "give at least one target a weight");
  }

  void target(const Json& target, const std::string& path) {
    const std::string id = text(target, "id");
    if (!id.empty() && !ids_.insert(id).second)
      error("E107", path + ".id", "two targets have one id", "ids are unique");
    if (target.contains("id") && (id.empty() || !http::valid_field_value(id) || id.size() > 128))
      error("E106", path + ".id", "the id must be 1 to 128 printable characters");
    provider(target, path);
    base_url(target, path);
    headers(target, path);
    azure(target, path);
    if (target.contains("api_key")) {
      warning("W202", path + ".api_key", "a key in the configuration file", "use secret_key_ref");
      if (!http::valid_field_value(text(target, "api_key")))
        error("E106", path + ".api_key", "a key that cannot stand in a header", "a line end, perhaps");
      if (target.contains("secret_key_ref"))
        error("E106", path + ".api_key", "both api_key and secret_key_ref", "keep secret_key_ref");
    }
    if (target.contains("secret_key_ref") && target.contains("azure_auth"))
      error("E106", path + ".azure_auth", "both secret_key_ref and azure_auth", "keep one of them");
  }

  static bool is_azure(const Json& target) { return text(target, "provider").starts_with("azure"); }

  void provider(const Json& target, const std::string& path) {
    const std::string name = text(target, "provider");
    if (name.empty()) return;
    const bool shorthand = (name.starts_with("azure:") || name.starts_with("openai:")) &&
                           std::count(name.begin(), name.end(), ':') == 2;
    if (name != "azure-openai" && name != "azure_openai" && name != "openai" && !shorthand) {
      const auto near = nearest(name, {"azure-openai", "openai"});
      error("E106", path + ".provider", "unknown provider",
            near.empty() ? "azure-openai or openai" : "did you mean '" + std::string(near) + "'?");
    }
    const std::string model =
        shorthand && text(target, "model").empty() ? name.substr(name.rfind(':') + 1) : text(target, "model");
    if (model.empty()) return error("E105", path + ".model", "'model' is missing in target");
    if (!http::encode_segment(model) || model.find('/') != model.npos)
      error("E106", path + ".model", "the model name cannot stand in a URL");
  }

  void base_url(const Json& target, const std::string& path) {
    const std::string url = text(target, "base_url");
    if (url.empty()) {
      if (is_azure(target))
        error("E105", path + ".base_url", "'base_url' is missing in target",
              "https://<resource>.openai.azure.com");
      return;
    }
    std::string why;
    if (!http::parse_base_url(url, why))
      error("E106", path + ".base_url", "the base_url is not usable: " + why);
  }

  void headers(const Json& target, const std::string& path) {
    const Json headers = target.value("headers", Json::object());
    for (const auto& [name, value] : headers.items()) {
      if (!http::valid_field_name(name))
        error("E106", path + ".headers", "a header name that is not allowed");
      if (value.is_string() && (!http::valid_field_value(value.get<std::string>()) ||
                                value.get<std::string>().find('\n') != std::string::npos))
        error("E106", path + ".headers", "a control character in a header value");
      std::string lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return std::tolower(c); });
      static const std::set<std::string> kOurs{"host",
                                               "content-length",
                                               "transfer-encoding",
                                               "connection",
                                               "content-type",
                                               "accept-encoding",
                                               "expect",
                                               "te",
                                               "trailer",
                                               "upgrade"};
      if (kOurs.contains(lower))
        error("E106", path + ".headers", "header '" + lower + "' is the gateway's own");
    }
    for (const char* field : {"api_key_header", "api_key_prefix"}) {
      const std::string value = text(target, field);
      const bool name = std::string_view(field) == "api_key_header";
      if (target.contains(field) &&
          ((name && !http::valid_field_name(value)) || !http::valid_field_value(value)))
        error("E106", path + "." + field, "not usable as a header");
    }
  }

  void azure(const Json& target, const std::string& path) {
    if (!is_azure(target)) return;
    const std::string version = text(target, "azure_api_version");
    if (!target.contains("azure_api_version")) {
      warning("W201", path, "azure_api_version is missing",
              "2024-10-21 is used; set it, versions differ in what they can do");
    } else if (!valid_version(version)) {
      error("E106", path + ".azure_api_version", "not an api-version",
            "like 2024-10-21, 2025-03-01-preview or v1");
    }
    const std::string deployment = text(target, "azure_deployment");
    if (target.contains("azure_deployment") &&
        (!http::encode_segment(deployment) || deployment.find_first_of("/\\%") != deployment.npos ||
         !http::valid_field_value(deployment))) {
      error("E106", path + ".azure_deployment", "the deployment name cannot stand in a URL",
            "letters, digits, dots, hyphens and underscores");
    }
    const std::string path_template = text(target, "path_template");
    if (path_template.empty()) return;
    const std::size_t hole = path_template.find("{deployment}");
    std::string rest = path_template;
    if (hole != rest.npos) rest.erase(hole, 12);
    const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
             std::string_view("-._~/?=&").find(c) != std::string_view::npos;
    });
    if (hole == path_template.npos || !plain || !path_template.starts_with('/') ||
        path_template.find("..") != path_template.npos || path_template.find("//") != path_template.npos) {
      error("E106", path + ".path_template", "a path template is a path with exactly one {deployment}",
            "like /openai/deployments/{deployment}/chat/completions");
    }
  }

  static bool valid_version(const std::string& version) {
    if (version == "v1" || version == "preview") return true;
    const std::string day = version.ends_with("-preview") ? version.substr(0, version.size() - 8) : version;
    if (day.size() != 10 || day[4] != '-' || day[7] != '-') return false;
    for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
      if (day[i] < '0' || day[i] > '9') return false;
    }
    return true;
  }

  void reference(const std::string& name, const std::string& path, const std::set<std::string>& known,
                 const char* what) {
    if (name.empty() || known.contains(name)) return;
    const std::vector<std::string_view> names(known.begin(), known.end());
    const auto near = nearest(name, names);
    error("E108", path, std::string("there is no ") + what + " of this name",
          near.empty() ? "" : "did you mean '" + std::string(near) + "'?");
  }

  void groups() {
    std::set<std::string> names;
    const Json list = root_.value("model_groups", Json::array());
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!names.insert(text(list[i], "name")).second)
        error("E107", "model_groups[" + std::to_string(i) + "].name", "two groups have one name");
    }
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = "model_groups[" + std::to_string(i) + "]";
      const Json targets = list[i].value("targets", Json::array());
      if (targets.empty()) error("E105", path + ".targets", "the group has no target");
      for (std::size_t k = 0; k < targets.size(); ++k) {
        if (targets[k].is_string())
          reference(targets[k].get<std::string>(), path + ".targets[" + std::to_string(k) + "]", ids_,
                    "target");
      }
      double sum = 0;
      const Json weights = list[i].value("weights", Json::object());
      for (const auto& [id, weight] : weights.items()) {
        reference(id, path + ".weights." + id, ids_, "target");
        if (weight.is_number()) sum += weight.get<double>();
      }
      if (!weights.empty() && sum == 0) error("E106", path + ".weights", "the weight is 0 everywhere");
      reference(text(list[i], "fallback_group"), path + ".fallback_group", names, "group");
    }
  }

  void routing(const std::string& path, const Json& routing) {
    reference(text(routing, "mirror_target"), path + ".mirror_target", ids_, "target");
    if (text(routing, "strategy") == "mirror" && text(routing, "mirror_target").empty())
      error("E105", path, "'mirror_target' is missing for strategy mirror");
  }

  void consumers() {
    std::set<std::string> seen;
    const Json list = root_.value("consumers", Json::array());
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = "consumers[" + std::to_string(i) + "]";
      if (!seen.insert(text(list[i], "id")).second) error("E107", path + ".id", "two consumers have one id");
      const std::string hash = text(list[i].value("key_ref", Json::object()), "sha256");
      const bool hex = hash.size() == 64 && std::all_of(hash.begin(), hash.end(), [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                       });
      if (!hash.empty() && !hex) error("E106", path + ".key_ref.sha256", "expected 64 lower-case hex digits");
    }
  }

  // Where the audit trail's lines go, and whether there is such a trail.
  void callbacks() {
    const Json list = root_.value("callbacks", Json::array());
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!list[i].is_object() || text(list[i], "type") != "otlp") continue;
      const std::string path = "callbacks[" + std::to_string(i) + "]";
      url(text(list[i], "endpoint"), path + ".endpoint");
      for (const Json& signal : list[i].value("signals", Json::array())) {
        if (signal != "logs") error("E211", path + ".signals", "this version sends logs only", "write signals: [logs]");
      }
      const Json chain = root_.value("policies", Json::object()).value("chain", Json::array());
      if (std::find(chain.begin(), chain.end(), "audit-logger") == chain.end())
        error("E105", path, "the logs are the audit trail, and the chain has no audit-logger",
              "add audit-logger to policies.chain");
    }
    const Json logger = root_.value("policy", Json::object()).value("audit-logger", Json::object());
    if (const std::string witness = text(logger, "witness_url"); !witness.empty())
      url(witness, "policy.audit-logger.witness_url");
  }

  void url(const std::string& url, const std::string& path) {
    std::string why;
    if (!http::parse_base_url(url, why)) error("E106", path, "the URL is not usable: " + why);
  }

  // What this version reads but does not act on. Where silence would open a door, it is refused; elsewhere it
  // is said loudly.
  void not_enforced() {
    if (root_.contains("ip_allowlist") && root_["ip_allowlist"].value("enabled", true))
      error("E211", "ip_allowlist", "an address list cannot be enforced by this version",
            "remove the section and use a firewall");
    const Json providers = root_.value("providers", Json::object());
    hedging(providers.value("routing", Json::object()), "providers.routing.hedge");
    hedging(root_.value("provider_routing", Json::object()), "provider_routing.hedge");
    for (const char* section : {"cors"}) {
      if (root_.contains(section) && !root_[section].empty()) not_built(section);
    }
    const Json targets = providers.value("targets", Json::array());
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (targets[i].is_object() && targets[i].contains("azure_auth"))
        not_built("providers.targets[" + std::to_string(i) + "].azure_auth");
    }
  }

  void hedging(const Json& routing, const char* path) {
    if (routing.is_object() && routing.contains("hedge"))
      error("E211", path, "hedging is not available in this version", "remove it; first_token_timeout_seconds fails over");
  }

  void not_built(const std::string& path) {
    warning("W211", path, "NOT IN EFFECT: '" + path + "' is not built in this version", "do not rely on it");
  }

  const Json& root_;
  Checker& checker_;
  std::set<std::string> ids_;
};

}  // namespace

void cross_check(const Json& root, Checker& checker) { CrossCheck(root, checker).run(); }

}  // namespace kt::config

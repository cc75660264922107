// What the fields of routing, limits and consumers must be to each other.
#include <algorithm>
#include <set>

#include "config/bind.hpp"

namespace kt::config {
namespace {

std::string text(const Json& from, const char* name) {
  return from.is_object() && from.contains(name) && from[name].is_string() ? from[name].get<std::string>()
                                                                           : std::string();
}

std::optional<double> number(const Json& from, const char* name) {
  if (!from.is_object() || !from.contains(name) || !from[name].is_number()) return std::nullopt;
  return from[name].get<double>();
}

Json list(const Json& from, const char* name) {
  return from.is_object() && from.contains(name) && from[name].is_array() ? from[name] : Json::array();
}

Json section(const Json& from, const char* name) {
  return from.is_object() && from.contains(name) && from[name].is_object() ? from[name] : Json::object();
}

std::string item(const char* path, std::size_t index) { return path + ("[" + std::to_string(index) + "]"); }

class RoutingCheck {
 public:
  RoutingCheck(const Json& root, Checker& checker)
      : root_(root),
        checker_(checker),
        providers_(section(root, "providers")),
        targets_(list(providers_, "targets")),
        groups_(list(root, "model_groups")) {}

  void run() {
    for (std::size_t i = 0; i < targets_.size(); ++i) clocks(targets_[i], item("providers.targets", i));
    probe(section(providers_, "health_monitor"), "providers.health_monitor");
    probe(section(root_, "health_monitor"), "health_monitor");
    retry();
    strategy();
    for (std::size_t i = 0; i < groups_.size(); ++i) group(groups_[i], item("model_groups", i));
    circles();
    consumers();
  }

 private:
  [[nodiscard]] bool stands(const std::string& path) const { return checker_.positions.contains(path); }
  [[nodiscard]] Position at(std::string path) const {
    for (;;) {
      const auto found = checker_.positions.find(path);
      if (found != checker_.positions.end()) return found->second;
      const std::size_t cut = path.find_last_of(".[");
      if (cut == std::string::npos) return {};
      path.resize(cut);
    }
  }
  void error(const char* code, const std::string& path, std::string message, std::string advice) {
    checker_.error(code, path, at(path), std::move(message), std::move(advice));
  }
  void no_effect(const std::string& path, std::string message, std::string advice) {
    checker_.warning("W203", path, at(path), std::move(message), std::move(advice));
  }

  // `part` is a clock inside `whole`; only what stands in the file is complained about.
  void inside(const Json& target, const std::string& path, const char* part, const char* whole) {
    const auto small = number(target, part), large = number(target, whole);
    if (!small || !large || *small <= *large || !stands(path + "." + part)) return;
    error("E106", path + "." + part, std::string(part) + " is longer than " + whole,
          "it would never be reached; make it shorter than " + std::string(whole));
  }

  void clocks(const Json& target, const std::string& path) {
    inside(target, path, "connect_timeout_seconds", "timeout_seconds");
    inside(target, path, "first_token_timeout_seconds", "stream_timeout_seconds");
    inside(target, path, "stream_idle_timeout_seconds", "stream_timeout_seconds");
    probe(section(target, "health_probe"), path + ".health_probe");
  }

  void probe(const Json& probe, const std::string& path) {
    const auto timeout = number(probe, "timeout_seconds"), interval = number(probe, "interval_seconds");
    if (timeout && interval && *timeout > *interval)
      error("E106", path + ".timeout_seconds", "a probe would still run when the next one is due",
            "make timeout_seconds shorter than interval_seconds");
  }

  void retry() {
    const Json retry = section(providers_, "retry");
    const auto first = number(retry, "initial_delay_ms"), longest = number(retry, "max_delay_ms");
    if (first && longest && *first > *longest)
      error("E106", "providers.retry.initial_delay_ms", "the first wait is longer than the longest",
            "make it at most max_delay_ms");
  }

  [[nodiscard]] std::string routing_value(const char* name) const {
    const std::string own = text(section(providers_, "routing"), name);
    return own.empty() ? text(section(root_, "provider_routing"), name) : own;
  }

  static bool is(const std::string& strategy, std::string_view name, std::string_view alias = {}) {
    std::string plain = strategy;
    std::replace(plain.begin(), plain.end(), '-', '_');
    return plain == name || (!alias.empty() && plain == alias);
  }

  void strategy() {
    const std::string own = text(providers_, "strategy"), routed = routing_value("strategy");
    const std::string& used = routed.empty() ? own : routed;
    const std::string path = routed.empty() ? "providers.strategy" : "providers.routing.strategy";
    if (used.empty()) return;
    fits(used, path, targets_.size());
    if (is(used, "mirror") && routed.empty()) mirror(path);
  }

  void mirror(const std::string& path) {
    if (routing_value("mirror_target").empty())
      error("E105", path, "'mirror_target' is missing for strategy mirror",
            "set providers.routing.mirror_target");
  }

  void fits(const std::string& strategy, const std::string& path, std::size_t targets) {
    if (is(strategy, "single") && targets > 1)
      no_effect(path, "strategy single asks only the first target", "use ordered for failover");
    if (is(strategy, "mirror") && targets == 1)
      error("E106", path, "the mirror target is the only target", "add the target that answers");
    const bool priced = std::any_of(targets_.begin(), targets_.end(),
                                    [](const Json& each) { return !section(each, "pricing").empty(); });
    if (is(strategy, "lowest_cost", "cost") && !priced)
      no_effect(path, "no target has a price, so the order is as listed", "set pricing on the targets");
  }

  void group(const Json& group, const std::string& path) {
    const Json members = list(group, "targets");
    std::set<std::string> ids;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i].is_string() && !ids.insert(members[i].get<std::string>()).second)
        error("E107", item((path + ".targets").c_str(), i), "the group has this target twice",
              "use weights for a larger share");
    }
    const Json weights = section(group, "weights");
    for (const auto& [id, weight] : weights.items()) {
      if (!ids.contains(id))
        error("E108", path + ".weights." + id, "a weight for a target that is not in the group",
              "add it to targets, or remove the weight");
    }
    const std::string strategy = text(group, "strategy");
    if (strategy.empty()) return;
    fits(strategy, path + ".strategy", members.size());
    if (is(strategy, "mirror")) mirror(path + ".strategy");
  }

  void circles() {
    std::map<std::string, std::string> next;
    for (const Json& each : groups_) next[text(each, "name")] = text(each, "fallback_group");
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const std::string start = text(groups_[i], "name");
      std::string name = text(groups_[i], "fallback_group");
      for (std::size_t hops = 0; !name.empty() && name != start && hops < groups_.size(); ++hops)
        name = next.contains(name) ? next[name] : std::string();
      if (!name.empty() && name == start)
        error("E106", item("model_groups", i) + ".fallback_group", "the groups fall back in a circle",
              "let the last one have no fallback_group");
    }
  }

  [[nodiscard]] std::set<std::string> models() const {
    std::set<std::string> names;
    const auto add = [&](const Json& each, const char* name) {
      names.insert(text(each, name));
      for (const Json& alias : list(each, "aliases")) {
        if (alias.is_string()) names.insert(alias.get<std::string>());
      }
    };
    for (const Json& each : targets_) {
      add(each, "model");
      names.insert(text(each, "azure_deployment"));
      const std::string provider = text(each, "provider");  // azure:chat:MODEL
      if (provider.find(':') != provider.npos) names.insert(provider.substr(provider.rfind(':') + 1));
    }
    for (const Json& each : groups_) add(each, "name");
    return names;
  }

  void consumers() {
    const Json all = list(root_, "consumers");
    std::set<std::string> hashes;
    const std::set<std::string> known = models();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string path = item("consumers", i);
      const std::string hash = text(section(all[i], "key_ref"), "sha256");
      if (!hash.empty() && !hashes.insert(hash).second)
        error("E107", path + ".key_ref.sha256", "two consumers have one key", "give each its own");
      const Json allowed = list(all[i], "models");
      for (std::size_t k = 0; k < allowed.size(); ++k) {
        if (allowed[k].is_string() && !known.contains(allowed[k].get<std::string>()))
          error("E108", item((path + ".models").c_str(), k), "there is no model of this name",
                "name a model, an alias or a group");
      }
      budget(section(all[i], "budget"), path + ".budget");
    }
    if (text(section(root_, "token_rate_limit"), "scope") == "consumer" && all.empty())
      error("E108", "token_rate_limit.scope", "scope consumer, but there are no consumers",
            "add consumers, or count by user, ip or global");
  }

  // What has no price costs nothing, so a budget in USD would let it through for ever.
  void budget(const Json& budget, const std::string& path) {
    if (!number(budget, "daily_usd") && !number(budget, "monthly_usd")) return;
    for (const Json& each : targets_) {
      if (!section(each, "pricing").empty()) continue;
      return error("E106", path, "a budget in USD, but target '" + text(each, "id") + "' has no pricing",
                   "set its pricing, or use a budget in tokens");
    }
  }

  const Json& root_;
  Checker& checker_;
  const Json providers_, targets_, groups_;
};

}  // namespace

void cross_check_routing(const Json& root, Checker& checker) { RoutingCheck(root, checker).run(); }

}  // namespace kt::config

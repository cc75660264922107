#include "cli/replay_judge.hpp"

#include <algorithm>

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kVerdicts[] = {"allow", "redact", "block", "escalate"};

int strength(std::string_view verdict) {
  const auto at = std::find(std::begin(kVerdicts), std::end(kVerdicts), verdict);
  return at == std::end(kVerdicts) ? 0 : static_cast<int>(at - std::begin(kVerdicts));
}

bool stops(std::string_view verdict) { return strength(verdict) >= 2; }

std::string text(const Json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string action_of(const config::PolicyBlock& block, const Json& fields) {
  if (!fields.value("enforce", true)) return "log";
  const bool nested = block.positions.contains("response.action");
  return nested ? text(fields["response"], "action") : text(fields, "action");
}

void add_models(const config::Config& config, std::set<std::string, std::less<>>& names) {
  for (const config::Target& each : config.targets) {
    names.insert(each.model);
    names.insert(each.azure_deployment);
    names.insert(each.aliases.begin(), each.aliases.end());
  }
  for (const config::ModelGroup& each : config.model_groups) {
    names.insert(each.name);
    names.insert(each.aliases.begin(), each.aliases.end());
  }
  // One model, two spellings.
  if (names.contains("gpt-35-turbo")) names.insert("gpt-3.5-turbo");
  if (names.contains("gpt-3.5-turbo")) names.insert("gpt-35-turbo");
}

}  // namespace

ReplayJudge::ReplayJudge(const config::Config& config) : sha256_(config.sha256) {
  add_models(config, models_);
  for (const config::Consumer& each : config.consumers) consumers_.insert(each.id);
  for (const std::string& kind : config.chain) {
    const config::PolicyBlock& block = config.policies.at(kind);
    const Json fields = Json::parse(block.fields, nullptr, false);
    if (!fields.contains("action")) continue;  // it judges no text
    Rule rule{kind, action_of(block, fields), std::nullopt, false};
    if (fields.contains("threshold")) {
      rule.threshold = fields["threshold"].get<double>();
      const auto patterns = fields.find("detection");
      rule.own_patterns = patterns != fields.end() && patterns->is_object() &&
                          !patterns->value("attack_patterns", Json::array()).empty();
    }
    rules_.push_back(std::move(rule));
  }
}

ReplayJudge::Outcome ReplayJudge::scored(const Rule& rule, const Json& result) const {
  const double score = result.value("score", -1.0);
  const bool above = *rule.threshold < 1 && score >= *rule.threshold;
  const std::string because = rule.kind + ": score and threshold";
  if (above) return {rule.action == "log" ? "allow" : rule.action, because, true};
  const bool was_found = !text(result, "reason_code").empty();
  return {"allow", was_found ? because : std::string(), !rule.own_patterns};
}

// The strongest of what the policy would say in all phases it was asked in.
ReplayJudge::Outcome ReplayJudge::apply(const Rule& rule, const Json& results) const {
  Outcome strongest;
  bool asked = false;
  for (const Json& result : results) {
    if (text(result, "policy") != rule.kind) continue;
    asked = true;
    Outcome one;
    if (rule.threshold && result.contains("score")) {
      one = scored(rule, result);
    } else if (!text(result, "reason_code").empty()) {
      one = {rule.action == "log" ? "allow" : rule.action, rule.kind + ": action " + rule.action, true};
    }
    strongest.known = strongest.known && one.known;
    if (strongest.because.empty() || strength(one.verdict) > strength(strongest.verdict)) {
      strongest.verdict = one.verdict;
      strongest.because = one.because;
    }
  }
  strongest.known = strongest.known && asked;
  return strongest;
}

std::string ReplayJudge::refusal(const Json& record) const {
  const std::string model = text(record, "model"), consumer = text(record, "consumer");
  if (!consumer.empty() && !consumers_.empty() && !consumers_.contains(consumer)) return "invalid_api_key";
  if (!model.empty() && !models_.contains(model)) return "model_not_found";
  return {};
}

std::optional<Judged> ReplayJudge::judge(const Json& record) const {
  if (text(record, "config_sha256") == sha256_) return std::nullopt;
  Judged judged;
  const std::string code = text(record, "code");
  judged.before = text(record, "verdict");
  if (judged.before == "error") judged.before = code;
  judged.after = refusal(record);
  if (!judged.after.empty()) {
    if (judged.after != code)
      judged.because = judged.after == "model_not_found" ? "model not served" : "consumer not known";
    return judged;
  }
  if (code == "model_not_found") {
    judged.after = "unknown";
    judged.because = "model served";
    return judged;
  }
  const Json results = record.value("policy_results", Json::array());
  judged.after = "allow";
  std::string because = "the policy that decided is not in the chain";
  for (const Rule& rule : rules_) {
    const Outcome outcome = apply(rule, results);
    if (!outcome.known) judged.unknown.push_back(rule.kind);
    const bool decided = !outcome.because.empty() && strength(outcome.verdict) >= strength(judged.after);
    if (decided) judged.after = outcome.verdict, because = outcome.because;
    if (stops(judged.after)) break;
  }
  // An error came from somewhere else than a policy: only a new refusal changes it.
  const bool was_error = text(record, "verdict") == "error";
  const bool same = was_error ? !stops(judged.after) : judged.after == judged.before;
  if (same) judged.after = judged.before;
  if (!same) judged.because = because;
  return judged;
}

}  // namespace kt::cli

// prompt-injection: text of a request that tries to override, extract or jailbreak.
#include <re2/re2.h>

#include <nlohmann/json.hpp>

#include "policy/builtin.hpp"
#include "policy/injection_judge.hpp"

namespace kt::policy {
namespace {

constexpr std::string_view kReason = "prompt_injection_detected";

using Patterns = std::vector<std::unique_ptr<re2::RE2>>;

// What the block asks for; shared by the stages, which keep it from thread to thread immutable.
struct Rules {
  float threshold = 0.8F;
  Verdict action = Verdict::block;
  std::string message, log_level;
  JudgeOptions judge;
  Patterns patterns;
};

// A pattern is tried on the text and on each folded reading of it, so that a disguise does not hide a match
// and a pattern in small letters finds any case.
bool matches(const Patterns& patterns, std::string_view text, const JudgeScratch& scratch) {
  const auto any = [&](std::string_view each) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const auto& pattern) { return re2::RE2::PartialMatch(each, *pattern); });
  };
  return any(text) || any(scratch.folded.text) ||
         std::any_of(scratch.views.list.begin(), scratch.views.list.end(),
                     [&](const text::View& view) { return any(view.text); });
}

class InjectionStage : public Stage {
 public:
  InjectionStage(const Rules& rules, const InjectionJudge& judge, Report& report)
      : rules_(rules), judge_(judge), report_(report) {}

  Verdict take(const llm::Lane& lane, std::string_view piece, bool last, Sink& out) override {
    if (!last || !held_.empty()) {
      held_.append(piece);
      if (!last) return Verdict::allow;
      piece = held_;
    }
    const Verdict verdict = judge(lane.role, piece);
    if (verdict == Verdict::allow) out.pass(piece);
    held_.clear();
    return verdict;
  }

 private:
  Verdict judge(llm::Role role, std::string_view text) {
    const float score = judge_.score(text, role, scratch_, &why_);
    const bool pattern = !rules_.patterns.empty() && matches(rules_.patterns, text, scratch_);
    const bool found = pattern || (rules_.threshold < 1 && score >= rules_.threshold);
    if (score > report_.score || (pattern && report_.reason.empty())) {
      report_.score = std::max(score, report_.score);
      report_.signals = why_;
      if (pattern) report_.signals.insert(report_.signals.begin(), {"attack_pattern", 1});
    }
    if (!found) return Verdict::allow;
    report_.reason = kReason;
    report_.log_level = rules_.log_level;
    if (rules_.action == Verdict::allow) return Verdict::allow;
    return report_.verdict = rules_.action;
  }

  const Rules& rules_;
  const InjectionJudge& judge_;
  Report& report_;
  JudgeScratch scratch_;
  std::vector<Report::Signal> why_;
  std::string held_;
};

class PromptInjection : public Policy {
 public:
  explicit PromptInjection(Rules rules) : rules_(std::move(rules)), judge_(injection_model(), rules_.judge) {}

  [[nodiscard]] std::string_view kind() const override { return "prompt-injection"; }
  [[nodiscard]] std::unique_ptr<Stage> start(const StageContext& context) const override {
    if (context.phase != Phase::request) return nullptr;
    return std::make_unique<InjectionStage>(rules_, judge_, context.report);
  }
  // System text is the operator's own.
  [[nodiscard]] bool reads(Phase phase, llm::Role role) const override {
    return phase == Phase::request && role != llm::Role::system;
  }
  [[nodiscard]] std::string_view message() const override { return rules_.message; }

 private:
  Rules rules_;
  InjectionJudge judge_;
};

Verdict verdict_of(const nlohmann::json& action) {
  if (action == "log") return Verdict::allow;
  return action == "escalate" ? Verdict::escalate : Verdict::block;
}

Patterns compile(const nlohmann::json& list, std::vector<Problem>& problems) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  Patterns patterns;
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto pattern = std::make_unique<re2::RE2>(list[i].get<std::string>(), options);
    if (!pattern->ok()) {
      problems.push_back({"detection.attack_patterns[" + std::to_string(i) + "]",
                          "not a pattern: " + pattern->error(),
                          "write RE2 syntax: no look-around, no back references"});
      continue;
    }
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

JudgeOptions judge_options(const nlohmann::json& fields) {
  const auto on = [&](const char* object, const char* field) { return fields[object].value(field, true); };
  return {.fold = {on("encoding", "normalize_unicode"), on("encoding", "detect_homoglyphs")},
          .decode = on("encoding", "decode_base64"),
          .signals = {on("boundaries", "enforce_delimiters"), on("boundaries", "reject_fake_boundaries")}};
}

}  // namespace

std::unique_ptr<Policy> make_prompt_injection(const config::PolicyBlock& block,
                                              std::vector<Problem>& problems) {
  auto fields = nlohmann::json::parse(block.fields, nullptr, false);
  for (const char* object : {"detection", "encoding", "boundaries", "response"}) {
    if (!fields[object].is_object()) fields[object] = nlohmann::json::object();
  }
  Rules rules;
  rules.threshold = fields.value("threshold", 0.8F);
  // The nested action is the more particular one; a default does not count.
  const bool nested = block.positions.contains("response.action");
  rules.action = verdict_of(nested ? fields["response"]["action"] : fields["action"]);
  rules.message = fields["response"].value("message", "");
  rules.log_level = fields["response"].value("log_level", "warn");
  if (rules.message.empty()) rules.message = "the request looks like an attempt to override instructions";
  rules.judge = judge_options(fields);
  rules.patterns = compile(fields["detection"].value("attack_patterns", nlohmann::json::array()), problems);
  if (!problems.empty()) return nullptr;
  return std::make_unique<PromptInjection>(std::move(rules));
}

}  // namespace kt::policy

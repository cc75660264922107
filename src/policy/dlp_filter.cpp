// dlp-filter: terms, patterns and markings that must not pass.
#include <nlohmann/json.hpp>

#include "kt/policy/finder_stage.hpp"
#include "kt/text/finders.hpp"
#include "kt/text/pattern.hpp"
#include "kt/text/terms.hpp"
#include "policy/builtin.hpp"
#include "policy/dlp_rules.hpp"
#include "policy/term_fields.hpp"

namespace kt::policy {
namespace {

// kCustom and above: patterns.
enum Kind : std::uint16_t { kTerm, kClassified, kCustom };

constexpr std::string_view kTypes[] = {"TERM", "CLASSIFIED", "CUSTOM"};
constexpr std::string_view kMarkers[] = {"[TERM]", "[CLASSIFIED]", "[CUSTOM]"};

class DlpStage : public FinderStage {
 public:
  DlpStage(const text::Finder& finder, Verdict action, Report& report)
      : FinderStage(finder), action_(action), report_(report) {}

 protected:
  Verdict decide(const llm::Lane& /*lane*/, std::string_view /*before*/, std::string_view /*match*/,
                 std::uint16_t kind, std::string& marker) override {
    report_.verdict = action_;
    report_.reason = "dlp_match";
    const Kind found = kind < kCustom ? static_cast<Kind>(kind) : kCustom;
    report_.count(kTypes[found]);
    marker = kMarkers[found];
    return action_;
  }

 private:
  const Verdict action_;
  Report& report_;
};

class DlpFilter : public Policy {
 public:
  DlpFilter(std::unique_ptr<text::Finder> finder, Verdict action, bool buffers)
      : finder_(std::move(finder)), action_(action), buffers_(buffers) {}

  [[nodiscard]] std::string_view kind() const override { return "dlp-filter"; }
  [[nodiscard]] std::unique_ptr<Stage> start(const StageContext& context) const override {
    return std::make_unique<DlpStage>(*finder_, action_, context.report);
  }
  [[nodiscard]] bool reads(Phase /*phase*/, llm::Role /*role*/) const override { return true; }
  [[nodiscard]] bool buffers() const override { return buffers_; }
  [[nodiscard]] std::string_view message() const override {
    return "the text contains material that this gateway does not let pass";
  }

 private:
  std::unique_ptr<text::Finder> finder_;
  Verdict action_;
  bool buffers_;
};

DlpLevel level_of(const std::string& name) {
  if (name == "low") return DlpLevel::low;
  return name == "high" ? DlpLevel::high : DlpLevel::medium;
}

// Of two rules that are the same but for the form the one for any case counts, so it comes first.
void add_rules(DlpLevel level, std::vector<text::Term>& terms) {
  for (const DlpForm form : {DlpForm::any_case, DlpForm::capitals}) {
    for (const DlpRule& rule : kDlpRules) {
      if (rule.from <= level && rule.form == form)
        terms.push_back({std::string(rule.text), kClassified, 0, form == DlpForm::capitals});
    }
  }
}

std::vector<text::Term> terms_of(const nlohmann::json& fields, std::vector<Problem>& problems) {
  std::vector<text::Term> terms;
  const bool fuzzy = fields["fuzzy_matching"] == true;
  const auto distance = fuzzy ? fields["max_distance"].get<std::uint8_t>() : std::uint8_t{0};
  add_terms(fields["blocked_terms"], "blocked_terms", kTerm, distance, terms, problems);
  add_rules(level_of(fields["sensitivity_level"]), terms);
  return terms;
}

std::unique_ptr<text::Finder> patterns_of(const nlohmann::json& list, std::vector<Problem>& problems) {
  std::vector<text::PatternFault> faults;
  auto patterns = text::PatternFinder::make(list.get<std::vector<std::string>>(), faults);
  for (const text::PatternFault& each : faults)
    problems.push_back(
        {"detect_patterns[" + std::to_string(each.index) + "]", each.message, each.suggestion});
  return patterns;
}

}  // namespace

std::unique_ptr<Policy> make_dlp_filter(const config::PolicyBlock& block, std::vector<Problem>& problems) {
  const auto fields = nlohmann::json::parse(block.fields, nullptr, false);
  std::unique_ptr<text::Finder> finder = std::make_unique<text::TermFinder>(terms_of(fields, problems));
  if (const auto& list = fields["detect_patterns"]; !list.empty()) {
    auto all = std::make_unique<text::Finders>();
    all->add(std::move(finder), 0);
    all->add(patterns_of(list, problems), kCustom);
    finder = std::move(all);
  }
  if (!problems.empty()) return nullptr;
  const Verdict action = fields["action"] == "block" ? Verdict::block : Verdict::redact;
  return std::make_unique<DlpFilter>(std::move(finder), action, fields["streaming_mode"] == "buffered");
}

}  // namespace kt::policy

// safety-filter: phrases that name a harm, and a score of the wording.
#include <nlohmann/json.hpp>

#include "kt/policy/finder_stage.hpp"
#include "kt/text/terms.hpp"
#include "policy/builtin.hpp"
#include "policy/safety_scorer.hpp"
#include "policy/safety_terms.hpp"
#include "policy/term_fields.hpp"

namespace kt::policy {
namespace {

constexpr std::string_view kOwnTerms = "block_if";

class SafetyStage : public FinderStage {
 public:
  SafetyStage(const text::Finder& finder, const std::vector<std::string>& categories, Verdict action,
              Report& report)
      : FinderStage(finder), categories_(categories), action_(action), report_(report) {}

  Verdict take(const llm::Lane& lane, std::string_view piece, bool last, Sink& out) override {
    if (!scored(lane.role)) return FinderStage::take(lane, piece, last, out);
    SafetyScorer& scorer = scorers_[lane.id];
    for (;;) {
      const std::size_t size = scorer.until_due(piece);
      const std::string_view part = piece.substr(0, size);
      const bool ends = last && size == piece.size();
      const Verdict found = FinderStage::take(lane, part, ends, out);
      if (found >= Verdict::block) return found;
      scorer.take(part);
      if ((scorer.due() || ends) && unsafe(scorer.judge())) return action_;
      piece.remove_prefix(size);
      if (piece.empty()) break;
    }
    if (last) scorers_.erase(lane.id);
    return Verdict::allow;
  }

 protected:
  Verdict decide(const llm::Lane& /*lane*/, std::string_view /*before*/, std::string_view /*match*/,
                 std::uint16_t kind, std::string& /*marker*/) override {
    report_.count(categories_[kind]);
    report_.signals.push_back({categories_[kind], 1});
    violation();
    return action_;
  }

 private:
  // The operator's own words and schemas are read for phrases only.
  static bool scored(llm::Role role) { return role != llm::Role::system && role != llm::Role::definition; }

  bool unsafe(float score) {
    report_.score = std::max(report_.score, score);
    if (score < kUnsafe) return false;
    report_.signals.push_back({"wording", score});
    violation();
    return true;
  }

  void violation() {
    report_.verdict = action_;
    report_.reason = "safety_violation";
  }

  const std::vector<std::string>& categories_;
  const Verdict action_;
  Report& report_;
  std::unordered_map<std::uint32_t, SafetyScorer> scorers_;
};

class SafetyFilter : public Policy {
 public:
  SafetyFilter(const SafetyTerms& terms, Verdict action, bool buffers)
      : categories_(terms.categories), finder_(terms.terms), action_(action), buffers_(buffers) {}

  [[nodiscard]] std::string_view kind() const override { return "safety-filter"; }
  [[nodiscard]] std::unique_ptr<Stage> start(const StageContext& context) const override {
    return std::make_unique<SafetyStage>(finder_, categories_, action_, context.report);
  }
  [[nodiscard]] bool reads(Phase /*phase*/, llm::Role /*role*/) const override { return true; }
  [[nodiscard]] bool buffers() const override { return buffers_; }
  [[nodiscard]] std::string_view message() const override {
    return "the text was found unsafe by this gateway's safety policy";
  }

 private:
  std::vector<std::string> categories_;
  text::TermFinder finder_;
  Verdict action_;
  bool buffers_;
};

}  // namespace

std::unique_ptr<Policy> make_safety_filter(const config::PolicyBlock& block, std::vector<Problem>& problems) {
  const auto fields = nlohmann::json::parse(block.fields, nullptr, false);
  const bool fuzzy = fields["fuzzy_matching"] == true;
  const auto distance = fuzzy ? fields["max_distance"].get<std::uint8_t>() : std::uint8_t{0};
  SafetyTerms terms = safety_terms(fields["mode"].get<std::string>(), distance);
  terms.categories.emplace_back(kOwnTerms);
  add_terms(fields["block_if"], "block_if", static_cast<std::uint16_t>(terms.categories.size() - 1), distance,
            terms.terms, problems);
  if (!problems.empty()) return nullptr;
  const Verdict action = fields["action"] == "escalate" ? Verdict::escalate : Verdict::block;
  return std::make_unique<SafetyFilter>(terms, action, fields["streaming_mode"] == "buffered");
}

}  // namespace kt::policy

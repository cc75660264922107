// pii-detector: personal data and secrets, redacted or blocked.
#include <nlohmann/json.hpp>

#include "kt/policy/finder_stage.hpp"
#include "kt/text/pii.hpp"
#include "policy/builtin.hpp"

namespace kt::policy {
namespace {

class PiiDetector : public Policy {
 public:
  explicit PiiDetector(const text::EntitySet& wanted) : finder_(wanted) {}
  [[nodiscard]] std::string_view kind() const override { return "pii-detector"; }
  [[nodiscard]] std::unique_ptr<Stage> start(const StageContext& context) const override;
  [[nodiscard]] bool reads(Phase, llm::Role) const override { return true; }
  [[nodiscard]] std::string_view message() const override { return "the text contains personal data"; }

  text::PiiFinder finder_;
};

class PiiStage : public FinderStage {
 public:
  PiiStage(const PiiDetector& policy, const StageContext& context)
      : FinderStage(policy.finder_), context_(context) {}

 protected:
  Verdict decide(const llm::Lane&, std::string_view, std::string_view, std::uint16_t kind,
                 std::string& marker) override {
    const std::string_view type = text::entity_name(static_cast<text::Entity>(kind));
    context_.report.count(type);
    context_.report.reason = "pii_detected";
    marker.append("[").append(type).append("]");
    return Verdict::redact;
  }

 private:
  StageContext context_;
};

std::unique_ptr<Stage> PiiDetector::start(const StageContext& context) const {
  return std::make_unique<PiiStage>(*this, context);
}

}  // namespace

std::unique_ptr<Policy> make_pii_detector(const config::PolicyBlock& block, std::vector<Problem>&) {
  const auto fields = nlohmann::json::parse(block.fields);
  text::EntitySet wanted;
  wanted.set();
  if (!fields.value("healthcare_mode", false)) wanted &= ~text::health_entities();
  if (!fields.value("pci_mode", true)) wanted &= ~text::card_entities();
  return std::make_unique<PiiDetector>(wanted);
}

}  // namespace kt::policy

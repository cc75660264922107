// pii-detector: personal data and secrets, redacted or blocked.
#include "kt/policy/finder_stage.hpp"
#include "kt/policy/vault.hpp"
#include "policy/builtin.hpp"
#include "policy/pii_fields.hpp"

namespace kt::policy {
namespace {

class PiiStage : public FinderStage {
 public:
  PiiStage(const PiiFields& fields, const StageContext& context)
      : FinderStage(*fields.finder), fields_(fields), report_(context.report) {
    if (fields.restore && context.phase == Phase::request) vault_ = context.vault;
  }

 protected:
  Verdict decide(const llm::Lane& /*lane*/, std::string_view /*before*/, std::string_view match,
                 std::uint16_t kind, std::string& marker) override {
    if (kind == kMarkerLike) return marker_of(kind, match, marker) ? Verdict::redact : Verdict::allow;
    report_.verdict = fields_.action;
    report_.reason = "pii_detected";
    if (fields_.metadata) report_.count(type_of(kind));
    if (fields_.action == Verdict::redact && !marker_of(kind, match, marker))
      write_marker(fields_.style, type_of(kind), match, marker);
    return fields_.action;
  }

 private:
  // The numbered marker, when the reply is to be put back. A text that only looks like a marker gets one,
  // too: whatever it says, it cannot be taken for one of ours.
  bool marker_of(std::uint16_t kind, std::string_view match, std::string& marker) {
    if (vault_ != nullptr) marker = vault_->marker(type_of(kind), match);
    return !marker.empty();
  }

  const PiiFields& fields_;
  Report& report_;
  Vault* vault_ = nullptr;
};

class PiiDetector : public Policy {
 public:
  explicit PiiDetector(PiiFields fields) : fields_(std::move(fields)) {}

  [[nodiscard]] std::string_view kind() const override { return "pii-detector"; }
  [[nodiscard]] std::unique_ptr<Stage> start(const StageContext& context) const override {
    return std::make_unique<PiiStage>(fields_, context);
  }
  [[nodiscard]] bool reads(Phase /*phase*/, llm::Role /*role*/) const override { return true; }
  [[nodiscard]] bool buffers() const override { return fields_.buffered; }
  [[nodiscard]] std::string_view message() const override {
    return "the text contains personal data or secrets";
  }

 private:
  PiiFields fields_;
};

}  // namespace

std::unique_ptr<Policy> make_pii_detector(const config::PolicyBlock& block, std::vector<Problem>& problems) {
  PiiFields fields = read_pii_fields(block, problems);
  if (!fields.finder) return nullptr;
  return std::make_unique<PiiDetector>(std::move(fields));
}

}  // namespace kt::policy

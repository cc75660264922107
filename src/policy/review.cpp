// The chain over a whole document: a request's body, a reply that came in one piece.
#include <exception>

#include "kt/policy/chain.hpp"
#include "policy/stage_call.hpp"
#include "policy/working_text.hpp"

namespace kt::policy {
namespace {

// Collects a stage's replacements as edits of the text it was given.
class EditSink final : public Sink {
 public:
  void pass(std::string_view text) override { at_ += text.size(); }
  void replace(std::string_view original, std::string_view marker) override {
    edits.push_back({at_, at_ + original.size(), std::string(marker)});
    at_ += original.size();
  }
  std::vector<llm::Edit> edits;

 private:
  std::size_t at_ = 0;
};

}  // namespace

class WholeReview {
 public:
  WholeReview(ChainRun& run, Phase phase, std::string_view document, const llm::Lanes& lanes)
      : run_(run), phase_(phase), lanes_(lanes) {
    texts_.reserve(lanes.texts.size());
    for (const llm::LaneText& lane : lanes.texts) texts_.emplace_back(document, lane);
  }

  Decision review() {
    for (const Entry& entry : run_.chain().entries) {
      Decision decision = judge(entry);
      if (!decision.passed()) return decision;
    }
    restore();
    Decision decision;
    for (const WorkingText& text : texts_) decision.edited |= text.edited();
    return decision;
  }

  std::string splice(std::string_view document) const {
    std::string out;
    std::size_t at = 0;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (!texts_[i].edited()) continue;
      const json::Span span = lanes_.texts[i].span;
      out.append(document.substr(at, span.begin - at)).append(texts_[i].spliced());
      at = span.end;
    }
    out.append(document.substr(at));
    return out;
  }

 private:
  Decision judge(const Entry& entry) {
    PolicyReport& report = run_.open_report(entry, phase_);
    const std::unique_ptr<Stage> stage = entry.policy->start({phase_, report.report, run_.vault(entry)});
    if (!stage) {
      run_.drop_report();
      return {};
    }
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      const llm::Lane& lane = lanes_.texts[i].lane;
      if (!entry.policy->reads(phase_, lane.role)) continue;
      EditSink sink;
      const auto verdict = call_stage(run_.chain(), report.report,
                                      [&] { return stage->take(lane, texts_[i].text(), true, sink); });
      if (!verdict) return failed(report);
      if (run_.observe)
        run_.observe({&entry, i, sink.edits.empty() ? *verdict : std::max(*verdict, Verdict::redact), sink.edits});
      if (ends(*verdict)) return verdict_of(report, *verdict);
      if (sink.edits.empty()) continue;
      report.report.verdict = std::max(report.report.verdict, Verdict::redact);
      run_.note(entry, Verdict::redact);
      if (entry.enforced) texts_[i].apply(std::move(sink.edits));
    }
    const auto verdict = call_stage(run_.chain(), report.report, [&] { return stage->finish(); });
    if (!verdict) return failed(report);
    return ends(*verdict) ? verdict_of(report, *verdict) : Decision{};
  }

  // The request's own values, back in the places of their markers: after all policies, read by none.
  void restore() {
    if (phase_ == Phase::request || run_.vault_.empty()) return;
    const std::unique_ptr<Stage> stage = make_restore(run_.vault_);
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      EditSink sink;
      stage->take(lanes_.texts[i].lane, texts_[i].text(), true, sink);
      texts_[i].apply(std::move(sink.edits));
    }
  }

  Decision failed(PolicyReport& report) {
    if (!run_.fails(report)) return {};
    return {Decision::Kind::failed, report.entry->policy.get(), Verdict::block, false};
  }

  Decision verdict_of(PolicyReport& report, Verdict verdict) {
    report.report.verdict = verdict;
    run_.note(*report.entry, verdict);
    if (!report.entry->enforced) return {};
    return {Decision::Kind::verdict, report.entry->policy.get(), verdict, false};
  }

  ChainRun& run_;
  const Phase phase_;
  const llm::Lanes& lanes_;
  std::vector<WorkingText> texts_;
};

Decision ChainRun::review(Phase phase, std::string_view document, const llm::Lanes& lanes,
                          std::string& edited) {
  WholeReview whole(*this, phase, document, lanes);
  const Decision decision = whole.review();
  if (decision.passed() && decision.edited) edited = whole.splice(document);
  return decision;
}

}  // namespace kt::policy

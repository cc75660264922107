// One labelled line in, one policy's answer out.
#include "cli/eval.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::json;

// Remembers what was replaced and by which marker: [EMAIL] names the type.
class Recorder : public policy::Sink {
 public:
  explicit Recorder(std::vector<TypedSpan>& found) : found_(found) {}
  void pass(std::string_view text) override { at_ += text.size(); }
  void replace(std::string_view original, std::string_view marker) override {
    if (marker.size() > 2 && marker.front() == '[') marker = marker.substr(1, marker.find_first_of("]") - 1);
    found_.push_back({at_, at_ + original.size(), std::string(eval_type(marker))});
    at_ += original.size();
  }

 private:
  std::vector<TypedSpan>& found_;
  std::size_t at_ = 0;
};

llm::Role role_of(const Sample& sample) {
  if (sample.kind == "document") return llm::Role::document;
  if (sample.kind == "indirect_payload") return llm::Role::tool;
  if (sample.kind == "system") return llm::Role::system;
  return sample.kind == "response" ? llm::Role::assistant : llm::Role::user;
}

void read_spans(const Json& row, Sample& out) {
  out.annotated = row.contains("spans");
  out.unlocated = row.value("span_unknown", false);
  for (const Json& span : row.value("spans", Json::array())) {
    const std::string type(eval_type(span.value("type", "")));
    if (!type.empty()) out.gold.push_back({span.at("byte_start"), span.at("byte_end"), type});
  }
  for (const Json& type : row.value("scope", Json::array())) {
    if (const auto to = eval_type(type.get<std::string>()); !to.empty()) out.scope.emplace_back(to);
  }
}

}  // namespace

bool read_sample(const std::string& line, Sample& out) {
  const Json row = Json::parse(line, nullptr, false);
  if (!row.is_object() || !row.contains("text") || !row.contains("label")) return false;
  try {
    out = {};
    out.text = row.at("text");
    out.positive = row.at("label") == 1;
    out.source = row.value("source", "unknown");
    out.kind = row.value("kind", "prompt");
    read_spans(row, out);
  } catch (const Json::exception&) {
    return false;
  }
  return true;
}

Outcome run_policy(const policy::Policy& policy, const Sample& sample) {
  const policy::Phase phase = sample.kind == "response" ? policy::Phase::reply : policy::Phase::request;
  const llm::Lane lane{0, role_of(sample)};
  Outcome out;
  policy::Report report;
  const auto stage = policy.start({phase, report, nullptr});
  if (!stage || !policy.reads(phase, lane.role)) return out;
  Recorder recorder(out.found);
  policy::Verdict verdict = stage->take(lane, sample.text, true, recorder);
  if (verdict != policy::Verdict::block && verdict != policy::Verdict::escalate) {
    const policy::Verdict last = stage->finish();
    if (last != policy::Verdict::allow) verdict = last;
  }
  out.flagged = verdict != policy::Verdict::allow || !report.reason.empty() || !out.found.empty();
  out.score = report.score;
  return out;
}

}  // namespace kt::cli

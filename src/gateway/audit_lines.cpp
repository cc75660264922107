// An access record as the lines of the audit trail.
#include <algorithm>

#include "gateway/record.hpp"

namespace kt::gateway {
namespace {

constexpr std::string_view kPhases[] = {"request", "reply", "stream"};

std::vector<audit::PolicyResult> policy_results(const policy::ChainRun& run) {
  std::vector<audit::PolicyResult> results;
  for (const policy::PolicyReport& each : run.reports()) {
    const auto verdict = each.failed ? telemetry::VerdictLabel::error
                                     : static_cast<telemetry::VerdictLabel>(each.report.verdict);
    results.push_back({each.entry->policy->kind(), kPhases[static_cast<std::size_t>(each.phase)],
                       telemetry::kVerdictNames[static_cast<std::size_t>(verdict)], each.report.reason,
                       each.report.score,
                       std::chrono::duration_cast<std::chrono::microseconds>(each.report.time).count()});
  }
  return results;
}

std::vector<audit::Redaction> redactions(const policy::ChainRun& run) {
  std::vector<audit::Redaction> found;
  for (const policy::PolicyReport& each : run.reports()) {
    for (const policy::Report::Count& count : each.report.counts) {
      const auto known = std::find_if(found.begin(), found.end(),
                                      [&](const audit::Redaction& other) { return other.type == count.type; });
      if (known == found.end()) {
        found.push_back({count.type, count.count});
      } else {
        known->count += count.count;
      }
    }
  }
  return found;
}

std::vector<audit::FilterResult> filter_results(const llm::ContentFilter& filter) {
  std::vector<audit::FilterResult> results;
  const auto add = [&](std::string_view phase, std::uint32_t categories) {
    for (const std::string_view name : llm::ContentFilter::each(categories))
      results.push_back({phase, name, {}, true, false});
  };
  add("prompt", filter.prompt);
  add("completion", filter.answer);
  return results;
}

}  // namespace

// What both lines say.
audit::Record AccessRecord::opening_lines() const {
  const Snapshot& snapshot = *snapshot_;
  audit::Record record;
  record.time = system_clock().wall();
  record.request_id = request_id;
  record.client_ip = client_ip;
  record.consumer = consumer;
  record.path = path_;
  record.model = model;
  record.stream = stream;
  record.verdict = verdict_name();
  record.pack = snapshot.config.pack.name;
  record.pack_version = record.config_version = snapshot.config.pack.version;
  record.config_sha256 = snapshot.config.sha256;
  record.prompt_digest = prompt_digest;
  if (snapshot.audit.hipaa) record.user = consumer;
  return record;
}

std::string AccessRecord::closing_fields() {
  audit::Record record = opening_lines();
  std::vector<std::string_view> categories;
  const policy::ChainRun* run = policies_;
  if (run != nullptr) {
    record.policy_results = policy_results(*run);
    record.redactions = redactions(*run);
  }
  record.reason_code = reason();
  if (target_ != nullptr) {
    record.provider = target_->provider->name();
    record.target = target_->config.id;
    record.deployment = target_->config.azure_deployment;
    if (target_->config.data_policy) {
      const config::DataPolicy& declared = *target_->config.data_policy;
      record.region = declared.region;
      record.data_policy = {declared.zero_data_retention, declared.training_opt_out, declared.retention_days};
    }
  }
  record.attempts = attempts_made_;
  record.status = status;
  record.code = code;
  record.tokens = {usage.input, usage.output, usage.cached, usage.reasoning, estimated};
  if (cost) record.cost_usd = static_cast<double>(*cost) / static_cast<double>(routing::kPicoPerUsd);
  using Millis = std::chrono::duration<double, std::milli>;
  record.latency_ms = Millis(system_clock().steady() - started_).count();
  if (first_token_.count() != 0) record.ttft_ms = Millis(first_token_).count();
  record.content_filter = filter_results(content_filter);
  const std::string digest = completion_digest_ ? completion_digest_->finish() : std::string();
  record.completion_digest = digest;
  if (snapshot_->audit.hipaa) {
    for (const audit::Redaction& each : record.redactions) categories.push_back(each.type);
    record.data_categories = categories;
  }
  return audit::completed_fields(record);
}

std::string_view AccessRecord::reason() const {
  if (policies_ == nullptr) return {};
  for (const policy::PolicyReport& each : policies_->reports()) {
    if (each.entry->policy.get() == policies_->deciding() && !each.report.reason.empty()) return each.report.reason;
  }
  if (content_filter.prompt_blocked || content_filter.answer_blocked) return "azure_content_filter";
  return policies_->reports().empty() ? std::string_view() : std::string_view("all_policies_passed");
}

bool AccessRecord::open_audit(std::string_view prompt) {
  const AuditTrail& trail = snapshot_->audit;
  if (!trail.log || !trail.log_all_access) return true;
  if (!prompt.empty()) prompt_digest = digest_of(prompt);
  completion_digest_.emplace(trail.log->digest_key());
  return ticket.submit(*trail.log, worker_.audit_inbox(),
                       {audit::Kind::accepted, request_id, audit::accepted_fields(opening_lines()), nullptr});
}

std::string AccessRecord::digest_of(std::string_view text) const {
  audit::TextDigest digest(snapshot_->audit.log->digest_key());
  digest.update(text);
  return digest.finish();
}

// Exactly one line closes what a line opened. What was not opened before (a refusal at the door, or
// log_all_access: false and something to report) is opened and closed here.
void AccessRecord::close_audit() {
  const AuditTrail& trail = snapshot_->audit;
  if (!trail.log || ticket.state() == AuditTicket::State::refused) return;
  if (ticket.state() == AuditTicket::State::none) {
    if (status == 0 || (!trail.log_all_access && label() == telemetry::VerdictLabel::allow)) return;
    if (!trail.log->submit(
            {audit::Kind::accepted, request_id, audit::accepted_fields(opening_lines()), nullptr}))
      return;
  }
  // Always taken once its opening line was.
  [[maybe_unused]] const Status closed =
      trail.log->submit({audit::Kind::completed, request_id, closing_fields(), nullptr});
}

}  // namespace kt::gateway

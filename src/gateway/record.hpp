#pragma once
// What happened to one request: opened first, told facts on the way, written exactly once when it goes.

#include <optional>
#include <string>

#include "gateway/audit_ticket.hpp"
#include "kt/audit/record.hpp"
#include "kt/gateway/worker.hpp"
#include "kt/llm/content_filter.hpp"
#include "kt/llm/usage.hpp"
#include "kt/policy/chain.hpp"
#include "kt/routing/pricing.hpp"

namespace kt::gateway {

class AccessRecord {
 public:
  // `policies` (may be null) must outlive the record.
  AccessRecord(Worker& worker, std::string_view path, const policy::ChainRun* policies = nullptr);
  ~AccessRecord();  // metrics, log line, audit trail
  AccessRecord(const AccessRecord&) = delete;
  AccessRecord& operator=(const AccessRecord&) = delete;

  std::string request_id;
  int status = 0;  // what the client got; 499 when it was gone first
  std::optional<telemetry::VerdictLabel> verdict;  // none: the policies' own
  std::string_view code;  // of the error, if any
  bool stream = false;
  int attempts = 0;
  llm::Usage usage;
  llm::ContentFilter content_filter;
  std::string model;      // as the client asked for it
  std::string_view client_ip;  // of the connection, which outlives the record
  std::string_view consumer;   // of the snapshot
  std::string prompt_digest;
  AuditTicket ticket;

  std::optional<routing::PicoUsd> cost;  // none: the target has no pricing
  bool estimated = false;                // usage is a guess of ours

  // What the provider counted, and what it costs.
  void spent(const llm::Usage& counted, const routing::Price& price);
  void estimate(std::int64_t input, std::uint64_t output, const routing::Price& price);

  // Opens the request in the audit trail, if there is one. False: it was refused at once.
  bool open_audit(std::string_view prompt);
  // What the client is given of an answer's body.
  void answered(std::string_view bytes) {
    if (completion_digest_) completion_digest_->update(bytes);
  }
  void attempt_ended(const Target& target, int upstream_status, std::string_view error);

  [[nodiscard]] std::string_view verdict_name() const;
  [[nodiscard]] std::string_view deciding_policy() const;  // empty = none

  void chose(const Target& target);  // the target at hand; the last one counts
  [[nodiscard]] const Target* target() const { return target_; }
  void first_token();

  // Time between these two is the upstream's, not ours.
  void wait_begins() { wait_began_ = system_clock().steady(); }
  void wait_ends() { waited_ += system_clock().steady() - wait_began_; }
  [[nodiscard]] std::chrono::nanoseconds overhead() const {
    return system_clock().steady() - started_ - waited_;
  }

  [[nodiscard]] const policy::ChainRun* policies() const { return policies_; }

 private:
  [[nodiscard]] telemetry::VerdictLabel label() const;
  [[nodiscard]] std::string_view reason() const;
  [[nodiscard]] audit::Record opening_lines() const;
  [[nodiscard]] std::string digest_of(std::string_view text) const;
  std::string closing_fields();
  void close_audit();
  void count_policies();
  void log_find(const policy::PolicyReport& find) const;
  void write_log(std::chrono::nanoseconds total) const;

  Worker& worker_;
  const std::shared_ptr<const Snapshot> snapshot_;
  const policy::ChainRun* policies_;
  std::vector<audit::Attempt> attempts_made_;
  std::optional<audit::TextDigest> completion_digest_;
  std::string_view path_;
  const Target* target_ = nullptr;
  SteadyTime started_, wait_began_, attempt_began_;
  std::chrono::nanoseconds waited_{0}, first_token_{0};
};

}  // namespace kt::gateway

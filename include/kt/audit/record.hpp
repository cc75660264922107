#pragma once
// The facts of one request, and how they become the fields of a line. Views are borrowed until the call that
// renders them returns. Prompt and completion text has no place here: only keyed digests of it.
// Names and meanings: docs/audit-format.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kt/base/clock.hpp"
#include "kt/base/hash.hpp"

namespace kt::audit {

struct PolicyResult {
  std::string_view policy, phase, verdict, reason_code;
  double score = -1;  // -1 = none
  std::int64_t latency_us = 0;
};

struct Redaction {
  std::string_view type;
  std::uint64_t count = 0;
};

struct Attempt {
  std::string_view target;
  int status = 0;          // of the upstream's answer; 0 = none came
  std::string_view error;  // code, when it failed
  double latency_ms = 0;
};

struct Tokens {
  std::uint64_t input = 0, output = 0, cached = 0, reasoning = 0;
  bool estimated = false;
};

// What Azure's content filter said, per category.
struct FilterResult {
  std::string_view phase, category, severity;  // phase: prompt | completion
  bool filtered = false, detected = false;
};

struct DataPolicy {
  std::optional<bool> zero_data_retention, training_opt_out;
  std::optional<std::uint32_t> retention_days;
};

struct Record {
  WallTime time;
  std::string_view request_id, consumer, client_ip, path;
  std::string_view verdict = "allow", reason_code;
  std::vector<PolicyResult> policy_results;
  std::vector<Redaction> redactions;
  std::string_view model, provider, target, deployment, region;
  std::vector<Attempt> attempts;
  int status = 0;         // what the client got; 499 when it was gone first
  std::string_view code;  // of the error, if any
  bool stream = false;
  Tokens tokens;
  std::optional<double> cost_usd, ttft_ms;
  double latency_ms = 0;
  std::vector<FilterResult> content_filter;
  std::optional<DataPolicy> data_policy;
  std::string_view pack, pack_version, config_version, config_sha256;
  std::string_view prompt_digest, completion_digest;  // hex; empty = not taken
  std::optional<std::string_view> user;               // hipaa_audit_controls: who was authenticated
  std::span<const std::string_view> data_categories;  // hipaa_audit_controls: MRN, SSN, ...
};

// The fields of `request.accepted`: what is known before the upstream is called.
std::string accepted_fields(const Record& record);
// The fields of `request.completed`: everything.
std::string completed_fields(const Record& record);

// An event beside the requests: configuration.loaded, circuit.open, gateway.stop, ... Texts may be anything.
struct EventField {
  std::string_view name;
  std::string_view text;
};
std::string event_fields(WallTime time, std::string_view type, std::initializer_list<EventField> fields);

// Appends `text` as a JSON string, quotes included: at most `limit` bytes of it, whole characters; controls,
// C1, U+2028/9 escaped; what is not UTF-8 becomes U+FFFD.
void append_json_string(std::string_view text, std::size_t limit, std::string& out);

// A keyed digest of text that arrives in pieces. One per text; not thread-safe.
class TextDigest {
 public:
  explicit TextDigest(std::string_view key) : hmac_(key) {}
  void update(std::string_view bytes) { hmac_.update(bytes); }
  [[nodiscard]] std::string finish() { return hex(hmac_.finish()); }

 private:
  Hmac hmac_;
};

}  // namespace kt::audit

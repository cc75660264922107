#include "cli/record_filter.hpp"

#include <cstdio>

#include "kt/audit/time.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

bool moment(const char* name, const std::string& text, std::optional<WallTime>& out) {
  if (text.empty()) return true;
  out = audit::parse_moment(text, system_clock().wall());
  if (!out)
    std::fprintf(stderr, "kt: %s %s: expected a time, a date or an age like 7d\n", name, text.c_str());
  return out.has_value();
}

bool has(const Json& record, const char* member, const std::string& wanted) {
  if (wanted.empty()) return true;
  const auto found = record.find(member);
  return found != record.end() && found->is_string() && found->get_ref<const std::string&>() == wanted;
}

// The policy had something to say about the request.
bool policy_spoke(const Json& record, const std::string& policy) {
  if (policy.empty()) return true;
  const auto results = record.find("policy_results");
  if (results == record.end()) return false;
  for (const Json& each : *results) {
    if (has(each, "policy", policy) && !has(each, "verdict", "allow")) return true;
  }
  return false;
}

}  // namespace

void RecordFilter::add_options(CLI::App& command) {
  command.add_option("--state-dir", state_dir, "the gateway's state directory")->capture_default_str();
  command.add_option("--since", since_, "time, date or age (30m, 7d)");
  command.add_option("--until", until_, "time, date or age");
  command.add_option("--verdict", verdict_, "allow, redact, block, escalate, error");
  command.add_option("--policy", policy_, "kind of a policy that did not just allow");
  command.add_option("--consumer", consumer_, "client key's id");
  command.add_option("--model", model_, "model as the client asked for it");
  command.add_option("--target", target_, "target's id");
  command.add_option("--type", type_, "event_type, or all; default: the ends of requests");
  command.add_option("--request-id", request_, "x-kt-request-id of the answer");
}

bool RecordFilter::prepare() {
  return moment("--since", since_, since_at_) && moment("--until", until_, until_at_);
}

bool RecordFilter::past_end(const audit::ReadLine& line) const {
  if (!until_at_) return false;
  const auto at = audit::parse_rfc3339(line.timestamp);
  return at && *at > *until_at_;
}

std::optional<Json> RecordFilter::match(const audit::ReadLine& line) const {
  const bool ends = line.event_type == "request.completed" || line.event_type == "request.interrupted";
  if (type_.empty() ? !ends : type_ != "all" && type_ != line.event_type) return std::nullopt;
  if (since_at_) {
    const auto at = audit::parse_rfc3339(line.timestamp);
    if (!at || *at < *since_at_) return std::nullopt;
  }
  if (past_end(line)) return std::nullopt;
  Json record = Json::parse(line.text, nullptr, false);
  if (!record.is_object()) return std::nullopt;
  const bool shown = has(record, "verdict", verdict_) && has(record, "consumer", consumer_) &&
                     has(record, "model", model_) && has(record, "target", target_) &&
                     has(record, "request_id", request_) && policy_spoke(record, policy_);
  return shown ? std::optional<Json>(std::move(record)) : std::nullopt;
}

}  // namespace kt::cli

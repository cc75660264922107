#include "gateway/otlp_logs.hpp"

#include <nlohmann/json.hpp>

#include "kt/audit/time.hpp"

namespace kt::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kAttributes[] = {"seq",         "id",     "request_id", "consumer",     "model",
                                       "provider",    "target", "path",       "verdict",      "status",
                                       "reason_code", "code",   "latency_ms", "config_sha256"};

struct Severity {
  int number;
  const char* text;
};

Severity severity_of(std::string_view type, const Json& record) {
  const std::string verdict = record.value("verdict", "");
  if (verdict == "error" || type == "audit.trouble" || type == "audit.gap") return {17, "ERROR"};
  if (verdict == "block" || verdict == "escalate" || type == "request.interrupted") return {13, "WARN"};
  return {9, "INFO"};
}

Json any_value(const Json& value) {
  if (value.is_number_float()) return {{"doubleValue", value}};
  // 64-bit integers are strings in the JSON encoding of protobuf.
  if (value.is_number()) return {{"intValue", value.dump()}};
  return {{"stringValue", value}};
}

Json log_record(const std::string& line) {
  const Json record = Json::parse(line, nullptr, false);
  if (!record.is_object()) return {{"body", {{"stringValue", line}}}};
  const std::string type = record.value("event_type", ""), time = record.value("timestamp", "");
  const Severity severity = severity_of(type, record);
  Json attributes = Json::array({{{"key", "event.name"}, {"value", {{"stringValue", type}}}}});
  for (const char* name : kAttributes) {
    const auto found = record.find(name);
    if (found == record.end() || !found->is_primitive() || found->is_null()) continue;
    attributes.push_back({{"key", std::string("kt.") + name}, {"value", any_value(*found)}});
  }
  Json out;
  if (const auto at = audit::parse_rfc3339(time))
    out["timeUnixNano"] = std::to_string(at->time_since_epoch().count() * 1000);
  out["severityNumber"] = severity.number;
  out["severityText"] = severity.text;
  out["body"] = {{"stringValue", line}};
  out["attributes"] = std::move(attributes);
  return out;
}

}  // namespace

std::string otlp_logs(const std::vector<std::string>& lines) {
  Json records = Json::array();
  for (const std::string& line : lines) records.push_back(log_record(line));
  Json resource;
  resource["attributes"] =
      Json::array({{{"key", "service.name"}, {"value", {{"stringValue", "kt"}}}},
                   {{"key", "service.version"}, {"value", {{"stringValue", KT_VERSION}}}}});
  Json scope;
  scope["scope"] = {{"name", "kt.audit"}};
  scope["logRecords"] = std::move(records);
  Json logs;
  logs["resource"] = std::move(resource);
  logs["scopeLogs"] = Json::array({std::move(scope)});
  Json request;
  request["resourceLogs"] = Json::array({std::move(logs)});
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kt::gateway

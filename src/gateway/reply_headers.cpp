#include "gateway/reply_headers.hpp"

#include <algorithm>
#include <charconv>

#include "kt/http/writer.hpp"

namespace kt::gateway {
namespace {

constexpr std::size_t kLongest = 48;

// Exact names, and prefixes that end in '-'.
constexpr std::string_view kPassed[] = {"retry-after",  "retry-after-ms", "apim-request-id",       "x-ms-",
                                        "x-ratelimit-", "x-rate-limit-",  "azureml-model-session", "openai-",
                                        "policy-id",    "x-should-retry"};

bool is_passed(std::string_view name) {
  return std::any_of(std::begin(kPassed), std::end(kPassed), [&](std::string_view each) {
    return each.ends_with('-') ? name.starts_with(each) : name == each;
  });
}

void own_number(http::HeadWriter& writer, std::string_view name, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  writer.own_field(name, {digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

void pass_fields(const http::ResponseHead& head, bool stream, std::string& out) {
  http::HeadWriter writer(out);
  std::string_view type, request_id, apim_id;
  char lower[kLongest];
  for (const http::Field& field : head.fields) {
    if (field.name.size() > kLongest) continue;
    std::transform(field.name.begin(), field.name.end(), lower,
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    const std::string_view name(lower, field.name.size());
    if (name == "content-type") {
      type = field.value;
    } else if (name == "x-request-id") {
      request_id = field.value;
    } else if (is_passed(name)) {
      if (name == "apim-request-id") apim_id = field.value;
      writer.own_field(field.name, field.value);
    }
  }
  // SDKs read x-request-id alone, and refuse a body without a type.
  if (request_id.empty()) request_id = apim_id;
  if (!request_id.empty()) writer.own_field("x-request-id", request_id);
  if (type.empty()) type = stream ? "text/event-stream" : "application/json";
  writer.own_field("content-type", type);
  if (stream) {
    writer.own_field("cache-control", "no-cache");
    writer.own_field("x-accel-buffering", "no");
  }
}

void own_fields(const AccessRecord& record, bool need_request_id, std::string& out) {
  http::HeadWriter writer(out);
  if (need_request_id) writer.own_field("x-request-id", record.request_id);
  writer.own_field("x-kt-request-id", record.request_id);
  if (record.target() != nullptr) {
    writer.own_field("x-kt-target", record.target()->config.id);
    own_number(writer, "x-kt-attempts", record.attempts);
  }
  writer.own_field("x-kt-verdict", record.verdict_name());
  if (!record.deciding_policy().empty()) writer.own_field("x-kt-policy", record.deciding_policy());
  // A stream's cost is known after its head.
  if (record.cost && !record.stream) writer.own_field("x-kt-cost-usd", routing::usd_text(*record.cost));
  own_number(writer, "x-kt-overhead-us",
             std::chrono::duration_cast<std::chrono::microseconds>(record.overhead()).count());
}

}  // namespace kt::gateway

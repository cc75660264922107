// Records as JSON, member by member in the order of docs/audit-format.md; no tree, one string.
#include <charconv>

#include "kt/audit/record.hpp"

namespace kt::audit {
namespace {

constexpr std::size_t kMaxText = 512, kMaxItems = 64;

class Fields {
 public:
  Fields(std::string_view type, WallTime time) {
    out_.reserve(1024);
    out_.append("\"event_type\":\"")
        .append(type)
        .append("\",\"timestamp\":\"")
        .append(rfc3339(time))
        .append("\"");
  }

  void text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(value, kMaxText, out_);
  }
  void text_if(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void number(std::string_view name, std::int64_t value) {
    key(name);
    digits(value);
  }
  // Six significant decimals at most: what a reader of milliseconds and dollars can use.
  void real(std::string_view name, double value, int decimals) {
    key(name);
    char text[64];
    auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals).ptr;
    while (end[-1] == '0') --end;
    if (end[-1] == '.') --end;
    out_.append(text, static_cast<std::size_t>(end - text));
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  void open(std::string_view name, char bracket) {
    key(name);
    out_ += bracket;
    first_ = true;
  }
  void item() {
    if (!first_) out_ += ',';
    out_ += '{';
    first_ = true;
  }
  void item_text(std::string_view value) {
    if (!first_) out_ += ',';
    append_json_string(value, kMaxText, out_);
    first_ = false;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  std::string take() { return std::move(out_); }

 private:
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("\"").append(name).append("\":");
  }
  void digits(std::int64_t value) {
    char text[24];
    out_.append(text, static_cast<std::size_t>(std::to_chars(text, text + sizeof text, value).ptr - text));
  }
  std::string out_;
  bool first_ = false;
};

template <class Items, class Write>
void list(Fields& fields, std::string_view name, const Items& items, Write write) {
  fields.open(name, '[');
  std::size_t shown = 0;
  for (const auto& each : items) {
    if (shown++ == kMaxItems) break;
    fields.item();
    write(each);
    fields.close('}');
  }
  fields.close(']');
}

void add_tokens(Fields& fields, const Tokens& tokens) {
  fields.open("tokens", '{');
  fields.number("input", static_cast<std::int64_t>(tokens.input));
  fields.number("output", static_cast<std::int64_t>(tokens.output));
  fields.number("cached", static_cast<std::int64_t>(tokens.cached));
  fields.number("reasoning", static_cast<std::int64_t>(tokens.reasoning));
  fields.boolean("estimated", tokens.estimated);
  fields.close('}');
}

void add_policies(Fields& fields, const Record& record) {
  list(fields, "policy_results", record.policy_results, [&](const PolicyResult& each) {
    fields.text("policy", each.policy);
    fields.text("phase", each.phase);
    fields.text("verdict", each.verdict);
    fields.text("reason_code", each.reason_code);
    if (each.score >= 0) fields.real("score", each.score, 4);
    fields.number("latency_us", each.latency_us);
  });
  list(fields, "redactions", record.redactions, [&](const Redaction& each) {
    fields.text("type", each.type);
    fields.number("count", static_cast<std::int64_t>(each.count));
  });
}

void add_attempts(Fields& fields, const Record& record) {
  list(fields, "attempts", record.attempts, [&](const Attempt& each) {
    fields.text("target", each.target);
    fields.number("status", each.status);
    fields.text_if("error", each.error);
    fields.real("latency_ms", each.latency_ms, 3);
  });
}

void add_content_filter(Fields& fields, const Record& record) {
  if (record.content_filter.empty()) return;
  list(fields, "content_filter", record.content_filter, [&](const FilterResult& each) {
    fields.text("phase", each.phase);
    fields.text("category", each.category);
    fields.text_if("severity", each.severity);
    fields.boolean("filtered", each.filtered);
    if (each.detected) fields.boolean("detected", true);
  });
}

void add_data_policy(Fields& fields, const Record& record) {
  if (!record.data_policy) return;
  fields.open("data_policy", '{');
  if (record.data_policy->zero_data_retention)
    fields.boolean("zero_data_retention", *record.data_policy->zero_data_retention);
  if (record.data_policy->training_opt_out)
    fields.boolean("training_opt_out", *record.data_policy->training_opt_out);
  if (record.data_policy->retention_days)
    fields.number("retention_days", *record.data_policy->retention_days);
  fields.close('}');
}

void add_origin(Fields& fields, const Record& record) {
  fields.text("request_id", record.request_id);
  fields.text("consumer", record.consumer);
  fields.text("client_ip", record.client_ip);
  fields.text("path", record.path);
}

void add_configuration(Fields& fields, const Record& record) {
  fields.open("pack", '{');
  fields.text("name", record.pack);
  fields.text("version", record.pack_version);
  fields.close('}');
  fields.text("config_version", record.config_version);
  fields.text("config_sha256", record.config_sha256);
}

void add_hipaa(Fields& fields, const Record& record) {
  if (!record.user) return;
  fields.text("user", *record.user);
  fields.open("data_categories", '[');
  for (const std::string_view each :
       record.data_categories.first(std::min(kMaxItems, record.data_categories.size())))
    fields.item_text(each);
  fields.close(']');
}

}  // namespace

std::string accepted_fields(const Record& record) {
  Fields fields("request.accepted", record.time);
  add_origin(fields, record);
  fields.text("model", record.model);
  fields.boolean("stream", record.stream);
  add_configuration(fields, record);
  fields.text_if("prompt_digest", record.prompt_digest);
  if (record.user) fields.text("user", *record.user);
  return fields.take();
}

std::string completed_fields(const Record& record) {
  Fields fields("request.completed", record.time);
  add_origin(fields, record);
  fields.text("verdict", record.verdict);
  fields.text("reason_code", record.reason_code);
  add_policies(fields, record);
  fields.text("model", record.model);
  fields.text("provider", record.provider);
  fields.text("target", record.target);
  fields.text("deployment", record.deployment);
  fields.text("region", record.region);
  add_attempts(fields, record);
  fields.number("status", record.status);
  fields.text_if("code", record.code);
  fields.boolean("stream", record.stream);
  add_tokens(fields, record.tokens);
  if (record.cost_usd) fields.real("cost_usd", *record.cost_usd, 9);
  fields.real("latency_ms", record.latency_ms, 3);
  if (record.ttft_ms) fields.real("ttft_ms", *record.ttft_ms, 3);
  add_content_filter(fields, record);
  add_data_policy(fields, record);
  add_configuration(fields, record);
  fields.text_if("prompt_digest", record.prompt_digest);
  fields.text_if("completion_digest", record.completion_digest);
  add_hipaa(fields, record);
  return fields.take();
}

std::string event_fields(WallTime time, std::string_view type, std::initializer_list<EventField> given) {
  Fields fields(type, time);
  for (const EventField& each : given) fields.text(each.name, each.text);
  return fields.take();
}

}  // namespace kt::audit

#include "gateway/exchange.hpp"

#include <algorithm>

#include "gateway/enforce.hpp"
#include "gateway/reply_headers.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::gateway {
namespace {

Error json_error(const json::Fault& fault) {
  const Code code = fault.duplicate ? Code::duplicate_key : Code::invalid_json;
  return {code, "the body is not usable JSON: " + std::string(fault.what) + " at byte " +
                    std::to_string(fault.offset)};
}

Error unknown_model(const Exchange& exchange, const std::string& name) {
  if (exchange.route.surface == Surface::azure_dated) {
    return {Code::deployment_not_found,
            "The API deployment for this resource does not exist. If you created the deployment within the "
            "last 5 minutes, please wait a moment and try again."};
  }
  std::string known;
  for (const auto& [model, targets] : exchange.snapshot->models) known += (known.empty() ? "" : ", ") + model;
  const std::string shown = name.size() <= 128 ? "'" + name + "'" : "of this name";
  return {Code::model_not_found, "the model " + shown + " does not exist here; available: " + known};
}

std::string model_name(const Exchange& exchange) {
  const std::string_view raw = exchange.view.model->of(exchange.body);
  return exchange.view.model_escaped ? json::unescape(raw) : std::string(raw);
}

// What the request is about, or why it cannot be served.
struct Plan {
  const Targets* targets = nullptr;
  Refusal refusal = {};
};

Plan plan(Exchange& exchange) {
  const json::Limits limits{exchange.snapshot->config.gateway.max_json_depth};
  if (const json::Fault fault = llm::scan_request(exchange.body, limits, exchange.view))
    return {nullptr, {json_error(fault)}};
  if (exchange.view.wrong_member != nullptr)
    return {nullptr, {{Code::invalid_field, exchange.view.wrong_what}, {.param = exchange.view.wrong_member}}};
  exchange.record.stream = exchange.view.stream;
  const bool dated = exchange.route.surface == Surface::azure_dated;
  if (!dated && !exchange.view.model)
    return {nullptr, {{Code::invalid_field, "you must provide a model parameter"}, {.param = "model"}}};
  const std::string name = dated ? exchange.route.name : model_name(exchange);
  exchange.record.model = name;
  const Targets* targets =
      dated ? exchange.snapshot->find_deployment(name) : exchange.snapshot->find_model(name);
  if (targets == nullptr) {
    const std::string_view param = dated ? std::string_view() : std::string_view("model");
    return {nullptr, {unknown_model(exchange, name), {.param = param}}};
  }
  return {targets, {}};
}

// One of the upstream requests that --max-concurrency allows, over all workers. Without the flag nothing is
// counted.
class Slot {
 public:
  explicit Slot(Shared& shared) : shared_(shared) {
    if (shared_.max_concurrency == 0) return;
    counted_ = true;
    free_ = shared_.upstream_in_flight.fetch_add(1) < shared_.max_concurrency;
  }
  ~Slot() {
    if (counted_) shared_.upstream_in_flight.fetch_sub(1);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;
  [[nodiscard]] bool free() const { return free_; }

 private:
  Shared& shared_;
  bool counted_ = false, free_ = true;
};

void client_gone(Exchange& exchange) {
  exchange.record.status = 499;
  exchange.record.code = "client_closed";
  exchange.record.verdict = telemetry::VerdictLabel::error;
  exchange.down.abort();
}

Refusal audit_refusal() {
  return {{Code::audit_unavailable, "the audit trail cannot take this request's record"}};
}

net::Task<void> answer_kept(Exchange& exchange) {
  const bool stored = co_await exchange.record.ticket.stored();
  if (!stored) {
    const Refusal refusal = audit_refusal();
    co_await answer_error(exchange, refusal);
    co_return;
  }
  exchange.record.status = exchange.kept->status;
  exchange.record.answered(exchange.kept->body);
  exchange.kept->fields.append("x-should-retry: false\r\n");
  own_fields(exchange.record, exchange.kept->fields.find("x-request-id: ") == std::string::npos,
             exchange.kept->fields);
  co_await exchange.down.reply(exchange.kept->status, exchange.kept->fields, exchange.kept->body);
}

}  // namespace

Exchange::Exchange(Worker& owner, const http::RequestHead& request, std::string_view bytes, Route matched,
                   net::Downstream& answer)
    : worker(owner),
      snapshot(owner.snapshot()),
      head(request),
      body(bytes),
      route(std::move(matched)),
      down(answer),
      policies(snapshot->chain),
      record(owner, request.path, &policies) {
  record.client_ip = answer.peer();
}

AttemptResult audit_refused(Exchange& exchange) {
  exchange.refusal = audit_refusal();
  return {AttemptEnd::refused};
}

net::Task<void> answer_error(Exchange& exchange, const Refusal& given) {
  const bool stored = co_await exchange.record.ticket.stored();
  const Refusal refusal = stored ? given : audit_refusal();
  const Error& error = refusal.error;
  const CodeInfo& code = info(error.code);
  const bool verdict = code.status == 409;
  exchange.record.code = code.name;
  if (!verdict) exchange.record.verdict = telemetry::VerdictLabel::error;
  if (!error.detail.empty()) {
    telemetry::log(telemetry::Level::warn, "upstream_failed",
                   {{"request_id", std::string_view(exchange.record.request_id)},
                    {"code", code.name},
                    {"detail", std::string_view(error.detail)}});
  }
  const std::string body = http::error_body(error, refusal.context);
  if (exchange.began || exchange.committed) {
    if (exchange.record.status == 0) exchange.record.status = 200;
    const std::string event = "data: " + body + "\n\n";
    exchange.record.answered(event);
    co_await exchange.down.chunk(event);
    exchange.down.abort();
    co_return;
  }
  exchange.record.status = refusal.status != 0 ? refusal.status : code.status;
  std::string fields = "content-type: application/json\r\n";
  if (error.code == Code::overloaded) fields += "retry-after: 1\r\n";
  if (verdict || (code.source == Source::upstream && exchange.record.attempts > 1))
    fields += "x-should-retry: false\r\n";
  own_fields(exchange.record, true, fields);
  exchange.record.answered(body);
  co_await exchange.down.reply(exchange.record.status, fields, body);
}

namespace {

// Why this request is not passed on, or the targets that may answer it.
const Targets* admit(Exchange& exchange) {
  Plan planned = plan(exchange);
  if (planned.targets == nullptr) {
    exchange.refusal = std::move(planned.refusal);
    return nullptr;
  }
  return enforce_request(exchange) ? planned.targets : nullptr;
}

net::Task<void> serve(Exchange& exchange, const Targets& targets) {
  const Slot slot(exchange.worker.shared());
  if (!slot.free()) {
    const Refusal full{
        {Code::overloaded, "the gateway has as many upstream requests in flight as --max-concurrency allows"}};
    co_await answer_error(exchange, full);
    co_return;
  }
  exchange.down.on_gone([](void* context) { static_cast<net::CancelToken*>(context)->cancel(); },
                        &exchange.cancel);
  if (exchange.view.stream) {
    const auto silence = exchange.snapshot->config.gateway.keepalive_comment;
    exchange.next_comment = net::Clock::now() + std::chrono::duration_cast<net::Clock::duration>(silence);
  }

  Error last{Code::no_healthy_target, "no target of this model is available"};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    exchange.upstream_status = 0;
    AttemptResult result = co_await attempt(exchange, *targets[i], i + 1 == targets.size());
    exchange.record.attempt_ended(
        *targets[i], exchange.upstream_status,
        result.end == AttemptEnd::failed ? info(result.error.code).name : std::string_view());
    if (result.end == AttemptEnd::answered) co_return;
    if (result.end == AttemptEnd::client_gone || exchange.cancel.cancelled()) {
      client_gone(exchange);
      co_return;
    }
    if (result.end == AttemptEnd::refused) {
      co_await answer_error(exchange, *exchange.refusal);
      co_return;
    }
    if (result.end == AttemptEnd::failed) last = std::move(result.error);
    if (exchange.committed || (result.end == AttemptEnd::failed && !info(last.code).retryable)) break;
  }
  if (exchange.kept && !exchange.began) {
    co_await answer_kept(exchange);
  } else {
    const Refusal failure{std::move(last)};
    co_await answer_error(exchange, failure);
  }
}

}  // namespace

net::Task<void> serve_exchange(Exchange& exchange) {
  const std::string_view prompt = exchange.body;
  const Targets* targets = admit(exchange);
  // A refused record is answered by answer_error, which asks the ticket first.
  if (!exchange.record.open_audit(prompt)) {
    exchange.refusal = audit_refusal();
    targets = nullptr;
  }
  if (targets == nullptr) {
    co_await answer_error(exchange, *exchange.refusal);
  } else {
    co_await serve(exchange, *targets);
  }
  // The log's writer knows the ticket until it is settled.
  co_await exchange.record.ticket.stored();
}

}  // namespace kt::gateway

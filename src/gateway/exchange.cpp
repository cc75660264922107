#include "gateway/exchange.hpp"

#include <algorithm>
#include <utility>

#include "gateway/credentials.hpp"
#include "gateway/durations.hpp"
#include "gateway/enforce.hpp"
#include "gateway/mirror.hpp"
#include "gateway/reply_headers.hpp"
#include "gateway/slot.hpp"
#include "kt/routing/limits.hpp"
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
  const Model* model = nullptr;
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
  const Model* model =
      dated ? exchange.snapshot->find_deployment(name) : exchange.snapshot->find_model(name);
  if (model == nullptr) {
    const std::string_view param = dated ? std::string_view() : std::string_view("model");
    return {nullptr, {unknown_model(exchange, name), {.param = param}}};
  }
  return {model, {}};
}

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
  settle(exchange);
  const bool stored = co_await exchange.record.ticket.stored();
  if (!stored) {
    const Refusal refusal = audit_refusal();
    co_await answer_error(exchange, refusal);
    co_return;
  }
  const int status = exchange.kept->outcome.status;
  exchange.record.status = status;
  exchange.record.answered(exchange.kept->body);
  if (exchange.record.attempts > 1) exchange.kept->fields.append("x-should-retry: false\r\n");
  own_fields(exchange.record, exchange.kept->fields.find("x-request-id: ") == std::string::npos,
             exchange.kept->fields);
  co_await exchange.down.reply(status, exchange.kept->fields, exchange.kept->body);
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
  if (snapshot->consumers.required()) admission.consumer = snapshot->consumers.find(request.fields);
  if (admission.consumer != nullptr) record.consumer = admission.consumer->id;
}

AttemptResult audit_refused(Exchange& exchange) {
  exchange.refusal = audit_refusal();
  return {AttemptEnd::refused};
}

net::Task<void> answer_error(Exchange& exchange, const Refusal& given) {
  settle(exchange);
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
  std::string fields = "content-type: application/json\r\n" + refusal.fields;
  if (exchange.record.status == 503 && refusal.fields.find("retry-after: ") == std::string::npos)
    fields += "retry-after: 1\r\n";
  if (verdict || (code.source == Source::upstream && exchange.record.attempts > 1))
    fields += "x-should-retry: false\r\n";
  own_fields(exchange.record, true, fields);
  exchange.record.answered(body);
  co_await exchange.down.reply(exchange.record.status, fields, body);
}

namespace {

// Why this request is not passed on, or what may answer it.
const Model* admit(Exchange& exchange) {
  Plan planned = plan(exchange);
  if (planned.model == nullptr) {
    exchange.refusal = std::move(planned.refusal);
    return nullptr;
  }
  const bool admitted = enforce_request(exchange) && admit_caller(exchange, *planned.model);
  return admitted ? planned.model : nullptr;
}

routing::Millis now_millis() { return routing::millis(system_clock().steady()); }

// What one attempt came to, in the terms of routing.
routing::Outcome outcome_of(const Exchange& exchange, const AttemptResult& result) {
  const Trial& trial = exchange.trial;
  routing::Outcome outcome = routing::Outcome::answered(trial.status, trial.quota);
  if (result.end == AttemptEnd::failed) outcome.failure = result.error.code;
  outcome.broken = trial.status != 0 && (result.end == AttemptEnd::failed || trial.broke);
  return outcome;
}

void tell_circuit(const Exchange& exchange, const Target& target, routing::Circuit::Change change) {
  if (change == routing::Circuit::Change::none) return;
  const bool opened = change == routing::Circuit::Change::opened;
  telemetry::log(opened ? telemetry::Level::warn : telemetry::Level::info,
                 opened ? "circuit_open" : "circuit_closed",
                 {{"target", std::string_view(target.config.id)},
                  {"status", static_cast<std::int64_t>(exchange.trial.status)}});
  exchange.snapshot->audit.note(opened ? "circuit.open" : "circuit.closed", {{"target", target.config.id}});
}

}  // namespace

void conclude(Exchange& exchange, const Target& target, const AttemptResult& result) {
  Trial& trial = exchange.trial;
  if (std::exchange(trial.concluded, true)) return;
  const llm::Usage& usage = exchange.record.usage;
  trial.reservation.settle(usage.input + usage.output);
  if (result.end == AttemptEnd::answered) settle(exchange);
  const routing::Outcome outcome = outcome_of(exchange, result);
  if (routing::health_of(outcome) == routing::Health::locked_out) note_refused_credential(exchange, target);
  tell_circuit(exchange, target, trial.book->finish(outcome, usage, system_clock().steady()));
}

namespace {

// Waits before the next attempt, with comments to a waiting stream. False: the client is gone.
net::Task<bool> back_off(Exchange& exchange, net::Time until) {
  constexpr std::chrono::milliseconds kLook{50};  // how soon a client that left is noticed
  while (net::Clock::now() < until && !exchange.cancel.cancelled()) {
    net::Sleep pause(exchange.worker.loop(), std::min({until, exchange.next_comment, net::Clock::now() + kLook}));
    co_await pause;
    if (net::Clock::now() < exchange.next_comment) continue;
    const bool taken = co_await keep_alive(exchange);
    if (!taken) co_return false;
  }
  co_return !exchange.cancel.cancelled();
}

// One attempt and what it means for its target.
net::Task<AttemptResult> try_target(Exchange& exchange, const routing::Course& course,
                                    const routing::Choice& choice) {
  const Target& target = *exchange.snapshot->targets[choice.candidate->target];
  routing::Attempt book(choice, exchange.ask, system_clock().steady());
  exchange.trial = Trial();
  exchange.trial.book = &book;
  exchange.trial.price = &choice.candidate->price;
  TargetShare share = reserve_target(exchange, target);
  if (!share.granted) {
    exchange.trial.status = 429;
    exchange.trial.quota.retry_after = share.wait;
    tell_circuit(exchange, target, book.finish(outcome_of(exchange, {AttemptEnd::retryable_answer}), {}, system_clock().steady()));
    co_return AttemptResult{AttemptEnd::retryable_answer};
  }
  exchange.trial.reservation = std::move(share.reservation);
  exchange.trial.may_fail_over = exchange.view.stream && (exchange.snapshot->config.retry.enabled ||
                                                          course.plan().has_next(now_millis()));
  exchange.record.usage = {};
  AttemptResult result = co_await attempt(exchange, target);
  const bool failed = result.end == AttemptEnd::failed;
  exchange.record.attempt_ended(target, exchange.trial.status,
                                failed ? info(result.error.code).name : std::string_view());
  if (exchange.cancel.cancelled() && result.end != AttemptEnd::answered) result.end = AttemptEnd::client_gone;
  if (result.end == AttemptEnd::client_gone) {
    exchange.trial.reservation.settle(exchange.record.usage.input + exchange.record.usage.output);
  } else {
    conclude(exchange, target, result);
  }
  co_return result;
}

Refusal refusal_of(const routing::Refusal& why) {
  routing::RefusalAnswer answer = routing::answer_of(why);
  Refusal refusal{std::move(answer.error)};
  if (answer.retry_after > 0) routing::retry_fields(answer.retry_after, refusal.fields);
  return refusal;
}

// No attempt is left: the best answer so far, or why there is none.
net::Task<void> answer_best(Exchange& exchange, const routing::Course& course, Error last) {
  if (exchange.kept && !exchange.began) {
    co_await answer_kept(exchange);
    co_return;
  }
  Refusal refusal = course.attempts() == 0 ? refusal_of(course.plan().refusal(now_millis()))
                                           : Refusal{std::move(last)};
  if (exchange.record.attempts == 0 && exchange.limit_refusal) refusal = std::move(*exchange.limit_refusal);
  co_await answer_error(exchange, refusal);
}

void get_ready(Exchange& exchange) {
  exchange.down.on_gone([](void* context) { static_cast<net::CancelToken*>(context)->cancel(); },
                        &exchange.cancel);
  const config::Config& config = exchange.snapshot->config;
  const routing::Millis now = now_millis();
  if (exchange.view.stream) exchange.next_comment = net::Clock::now() + duration(config.gateway.keepalive_comment);
  const routing::Millis deadline =
      routing::deadline_of(config.gateway, exchange.head.fields, exchange.view.stream, now);
  if (deadline != routing::Course::kNoDeadline)
    exchange.deadline = net::Clock::now() + std::chrono::milliseconds(deadline - now);
  exchange.ask.stream = exchange.view.stream;
  exchange.ask.random = exchange.worker.random().next();
  if (!routing::is_client_retry(exchange.head.fields)) exchange.worker.shared().retries.request(now);
}

// Strategy mirror: another target gets the same request, and nobody waits for it.
void send_copy(Exchange& exchange, const routing::Plan& plan) {
  const routing::Candidate* candidate = plan.mirror();
  Mirror& mirror = exchange.worker.mirror();
  if (candidate == nullptr || !mirror.has_room()) return;
  const Target& target = *exchange.snapshot->targets[candidate->target];
  std::string scratch, tail;
  const std::string_view body = outbound_body(exchange, target, scratch);
  if (!seal(exchange, target, body.size(), tail)) return;
  std::string bytes = target.heads[static_cast<std::size_t>(exchange.route.endpoint)];
  bytes.append(tail).append(body);
  mirror.send({exchange.snapshot, {candidate, plan.group(), routing::Circuit::Permit::normal}, exchange.ask, std::move(bytes)});
}

net::Task<void> serve(Exchange& exchange, const Model& model) {
  get_ready(exchange);
  Slot slot(exchange.worker.shared());
  const bool free = co_await wait_for_slot(exchange, slot);
  if (exchange.cancel.cancelled()) {
    client_gone(exchange);
    co_return;
  }
  if (!free) {
    exchange.worker.shared().tally.overloaded.fetch_add(1);
    const Refusal full{
        {Code::overloaded, "the gateway has as many upstream requests in flight as --max-concurrency allows"}};
    co_await answer_error(exchange, full);
    co_return;
  }
  const routing::Millis deadline = exchange.deadline == net::kNever ? routing::Course::kNoDeadline
                                                                    : routing::millis(exchange.deadline);
  routing::Course course(*exchange.snapshot->course, exchange.worker.shared().retries,
                         routing::Plan(*model.group, exchange.ask), deadline);
  if (exchange.worker.shared().credential_refused.load(std::memory_order_relaxed))
    renew_credentials(exchange, model);
  Error last;
  routing::Step step = course.begin(now_millis());
  while (step.kind != routing::Step::Kind::stop) {
    if (step.kind == routing::Step::Kind::wait) {
      const net::Time until = net::Clock::now() + std::chrono::milliseconds(step.delay);
      const bool still_there = co_await back_off(exchange, until);
      if (!still_there) {
        client_gone(exchange);
        co_return;
      }
      step = course.resume(now_millis());
      continue;
    }
    if (course.attempts() > 1) exchange.worker.shared().tally.further_attempts.fetch_add(1);
    AttemptResult result = co_await try_target(exchange, course, step.choice);
    if (result.end == AttemptEnd::answered) {
      send_copy(exchange, course.plan());
      co_return;
    }
    if (result.end == AttemptEnd::client_gone) {
      client_gone(exchange);
      co_return;
    }
    if (result.end == AttemptEnd::refused) {
      co_await answer_error(exchange, *exchange.refusal);
      co_return;
    }
    const routing::Outcome outcome = outcome_of(exchange, result);
    if (result.end == AttemptEnd::failed) last = std::move(result.error);
    if (exchange.committed) break;
    step = course.after(outcome, now_millis(), exchange.worker.random());
  }
  co_await answer_best(exchange, course, std::move(last));
}

}  // namespace

net::Task<void> serve_exchange(Exchange& exchange) {
  const std::string_view prompt = exchange.body;
  const Model* model = admit(exchange);
  // A refused record is answered by answer_error, which asks the ticket first.
  bool kept = exchange.record.open_audit(prompt);
  if (kept && exchange.snapshot->audit.strict) kept = co_await exchange.record.ticket.stored();
  if (!kept) {
    exchange.refusal = audit_refusal();
    model = nullptr;
  }
  if (model == nullptr) {
    co_await answer_error(exchange, *exchange.refusal);
  } else {
    co_await serve(exchange, *model);
  }
  settle(exchange);
  // The log's writer knows the ticket until it is settled.
  co_await exchange.record.ticket.stored();
}

}  // namespace kt::gateway

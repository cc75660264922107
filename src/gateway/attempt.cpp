#include <algorithm>
#include <charconv>

#include "gateway/credentials.hpp"
#include "gateway/durations.hpp"
#include "gateway/enforce.hpp"
#include "gateway/reply_headers.hpp"
#include "kt/http/writer.hpp"
#include "kt/provider/provider.hpp"

namespace kt::gateway {
namespace {

// The clocks of one attempt.
struct Clocks {
  net::Time connect, first_byte, whole;
};

Clocks clocks(const Exchange& exchange, const config::Target& target) {
  const net::Time now = net::Clock::now();
  Clocks result;
  result.connect = std::min(exchange.deadline, now + duration(target.connect_timeout));
  result.whole = exchange.view.stream
                     ? (target.stream_timeout ? now + duration(*target.stream_timeout) : net::kNever)
                     : now + duration(target.timeout);
  result.whole = std::min(exchange.deadline, result.whole);
  result.first_byte =
      std::min(result.whole, now + duration(target.first_token_timeout.value_or(target.timeout)));
  return result;
}

// The changing lines: key, ids, length. A key that cannot stand in a header is no key.
bool render_tail(const Exchange& exchange, const Target& target, const Secret& secret, std::size_t body_bytes,
                 std::string& out) {
  http::HeadWriter writer(out);
  const auto credential = provider::credential_of(target.config, secret);
  std::string value(credential.prefix);
  value.append(secret.reveal());
  const bool sendable = writer.field(credential.header, value);
  Secret(std::move(value));  // wiped
  writer.own_field("x-ms-client-request-id", exchange.record.request_id);
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, body_bytes).ptr;
  writer.own_field("content-length", {digits, static_cast<std::size_t>(end - digits)});
  out.append("\r\n");
  return sendable;
}

bool is_event_stream(const http::ResponseHead& head) {
  constexpr std::string_view kType = "text/event-stream";
  const http::Field* type = head.fields.find("content-type");
  return type != nullptr && type->value.size() >= kType.size() &&
         std::equal(kType.begin(), kType.end(), type->value.begin(),
                    [](char a, char b) { return a == b || a == (b | 0x20); });
}

AttemptResult failed(Error error) { return {AttemptEnd::failed, std::move(error)}; }
AttemptResult failed(Code code, const char* message) { return failed(Error{code, message}); }

// Waits for the answer's head, with comments to the client meanwhile.
net::Task<Status> await_head(Exchange& exchange, net::ResponseReader& reader, net::Time deadline) {
  for (;;) {
    Status status = co_await reader.read_head(std::min(deadline, exchange.next_comment));
    const bool silent =
        !status && status.error().code == Code::upstream_timeout && net::Clock::now() < deadline;
    if (!silent) co_return status;
    const bool taken = co_await keep_alive(exchange);
    if (!taken) co_return Error{Code::client_closed, "the client is gone"};
  }
}

// A plain answer is passed on when it is complete, so a broken one can still become another target's.
net::Task<AttemptResult> relay_plain(Exchange& exchange, const Target& target, net::ResponseReader& reader,
                                     std::string fields, net::Time deadline) {
  const int status = exchange.trial.status;
  std::string body;
  const Status whole =
      co_await reader.read_body(body, exchange.snapshot->config.size_limits.max_response_bytes, deadline);
  exchange.record.wait_ends();
  if (!whole) co_return failed(whole.error());
  if (status == 401 && exchange.trial.may_renew && credential_changed(exchange, target))
    co_return AttemptResult{AttemptEnd::renewed};
  const auto outcome = routing::Outcome::answered(status, exchange.trial.quota);
  if (routing::trigger_of(outcome) != routing::kNoTrigger) {
    if (!exchange.kept || routing::better_answer(outcome, exchange.kept->outcome))
      exchange.kept = KeptAnswer{outcome, std::move(fields), std::move(body)};
    co_return AttemptResult{AttemptEnd::retryable_answer};
  }
  if (exchange.began) co_return failed(Code::upstream_protocol, "the upstream did not answer with a stream");
  // Whatever it is called: without its end nobody could tell whether it is whole.
  const bool success = status >= 200 && status < 300;
  if (exchange.view.stream && success && json::check(body))
    co_return failed(Code::upstream_protocol, "the upstream answered a stream with something else");
  exchange.record.status = status;
  note_content_filter(exchange, body);
  if (success) {
    exchange.record.spent(llm::usage_of_reply(body), *exchange.trial.price);
    if (!enforce_reply(exchange, body)) co_return AttemptResult{AttemptEnd::refused};
  }
  own_fields(exchange.record, fields.find("x-request-id: ") == std::string::npos, fields);
  const bool stored = co_await exchange.record.ticket.stored();
  if (!stored) co_return audit_refused(exchange);
  exchange.committed = true;
  conclude(exchange, target, AttemptResult{AttemptEnd::answered});
  exchange.record.answered(body);
  const std::error_code sent = co_await exchange.down.reply(status, fields, body);
  if (sent) co_return AttemptResult{AttemptEnd::client_gone};
  co_return AttemptResult{AttemptEnd::answered};
}

net::Task<AttemptResult> relay(Exchange& exchange, const Target& target, net::ResponseReader& reader,
                               const Clocks& limits) {
  const Status headed = co_await await_head(exchange, reader, limits.first_byte);
  if (!headed) {
    exchange.record.wait_ends();
    co_return failed(headed.error());
  }
  const http::ResponseHead& head = reader.head();
  exchange.trial.status = head.status;
  exchange.trial.quota = routing::read_quota(head.fields, system_clock());
  if (head.fields.find("content-encoding") != nullptr &&
      head.fields.find("content-encoding")->value != "identity") {
    exchange.record.wait_ends();
    co_return failed(Code::upstream_protocol,
                     "the upstream compressed its answer although it was asked not to");
  }
  std::string fields;
  fields.reserve(kHeadBytes);
  const bool stream = exchange.view.stream && head.status == 200 && is_event_stream(head);
  pass_fields(head, stream, fields);
  if (!stream) {
    const net::Time whole = std::min(limits.whole, net::Clock::now() + duration(target.config.timeout));
    AttemptResult result = co_await relay_plain(exchange, target, reader, std::move(fields), whole);
    co_return result;
  }
  exchange.record.wait_ends();
  AttemptResult result = co_await relay_stream(exchange, target, reader, std::move(fields));
  co_return result;
}

struct Sent {
  std::unique_ptr<net::Connection> connection;
  bool reused = false;
};

net::Task<Result<Sent>> send_request(Exchange& exchange, const Target& target, const Clocks& limits,
                                     std::string_view head, std::string_view body) {
  auto lease = co_await exchange.worker.pool().take(target.origin, limits.connect, exchange.cancel);
  if (!lease) co_return lease.error();
  Sent sent{std::move(lease->connection), lease->reused};
  exchange.cancel.attach(&sent.connection->stream());
  net::Pieces pieces(target.heads[static_cast<std::size_t>(exchange.route.endpoint)]);
  pieces.add(head);
  pieces.add(body);
  sent.connection->set_write_timeout(duration(target.config.timeout));
  const std::error_code written = co_await sent.connection->send(pieces);
  if (written == net::IoError::timed_out) {
    exchange.cancel.attach(nullptr);
    exchange.worker.pool().drop(std::move(sent.connection));
    co_return Error{Code::upstream_timeout, "the upstream does not take the request"};
  }
  // Another failed write is not the end: the upstream may have answered early. Reading tells.
  co_return sent;
}

}  // namespace

Status seal(Exchange& exchange, const Target& target, std::size_t body_bytes, std::string& tail) {
  const auto secret = exchange.worker.secrets().read(target.config.secret);
  if (!secret) return secret.error();
  exchange.trial.key = fingerprint(*secret);
  tail.clear();
  tail.reserve(256);
  if (!render_tail(exchange, target, *secret, body_bytes, tail))
    return Error{Code::upstream_credential, "the target's credential cannot be sent"};
  return {};
}

net::Task<AttemptResult> attempt(Exchange& exchange, const Target& target) {
  std::string scratch, tail;
  const std::string_view body = outbound_body(exchange, target, scratch);
  if (Status sealed = seal(exchange, target, body.size(), tail); !sealed) co_return failed(sealed.error());
  exchange.record.chose(target);

  for (;;) {
    const Clocks limits = clocks(exchange, target.config);
    exchange.record.wait_begins();
    auto sent = co_await send_request(exchange, target, limits, tail, body);
    if (!sent) {
      exchange.record.wait_ends();
      co_return failed(sent.error());
    }
    net::ResponseReader reader(*sent->connection);
    AttemptResult result = co_await relay(exchange, target, reader, limits);
    exchange.cancel.attach(nullptr);
    const bool stale = sent->reused && !reader.got_any_byte() && result.end == AttemptEnd::failed &&
                       result.error.code == Code::upstream_reset;
    const bool clean = result.end != AttemptEnd::failed && !exchange.cancel.cancelled() && reader.reusable();
    if (clean) {
      exchange.worker.pool().put(target.origin, std::move(sent->connection));
    } else {
      exchange.worker.pool().drop(std::move(sent->connection));
    }
    if (exchange.cancel.cancelled()) co_return AttemptResult{AttemptEnd::client_gone};
    if (result.end == AttemptEnd::renewed) {
      exchange.trial.may_renew = false;
      exchange.record.attempt_ended(target, exchange.trial.status, {});
      if (Status sealed = seal(exchange, target, body.size(), tail); !sealed) co_return failed(sealed.error());
      exchange.record.chose(target);
      exchange.worker.shared().tally.further_attempts.fetch_add(1);
      continue;
    }
    // A pooled connection that had died in the meantime: the request never reached anyone.
    if (!stale) co_return result;
  }
}

}  // namespace kt::gateway

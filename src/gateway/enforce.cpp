#include "gateway/enforce.hpp"

#include "kt/telemetry/log.hpp"

namespace kt::gateway {
namespace {

void log_verdict(const Exchange& exchange, const policy::Decision& decision, std::string_view code) {
  telemetry::log(telemetry::Level::warn, decision.kind == policy::Decision::Kind::verdict ? "policy_verdict" : "policy_failed",
                 {{"request_id", std::string_view(exchange.record.request_id)},
                  {"policy", decision.policy->kind()},
                  {"code", code}});
}

bool apply(Exchange& exchange, const policy::Decision& decision, Code blocked) {
  if (decision.passed()) return true;
  exchange.refusal = refusal_of(exchange, decision, blocked);
  log_verdict(exchange, decision, info(exchange.refusal->error.code).name);
  return false;
}

}  // namespace

Refusal refusal_of(const Exchange& exchange, const policy::Decision& decision, Code blocked) {
  using Kind = policy::Decision::Kind;
  if (decision.kind == Kind::garbage)
    return {{Code::upstream_protocol, "the upstream's answer cannot be checked by the policies"}};
  if (decision.kind == Kind::failed)
    return {{Code::policy_error, "a policy could not be evaluated, and the gateway fails closed"},
            {.policy = decision.policy->kind()}};
  const Code code = decision.verdict == policy::Verdict::escalate ? Code::escalation_required : blocked;
  return {{code, std::string(decision.policy->message())},
          {.policy = decision.policy->kind()},
          static_cast<int>(exchange.snapshot->config.gateway.block_status_code)};
}

bool enforce_request(Exchange& exchange) {
  policy::ChainRun& run = exchange.policies;
  if (run.chain().entries.empty()) return true;
  thread_local llm::Lanes lanes;
  const json::Limits limits{exchange.snapshot->config.gateway.max_json_depth};
  if (llm::find_request_lanes(exchange.body, limits, lanes)) return false;  // the scan has passed before
  if (lanes.tokens) {
    exchange.refusal = Refusal{{Code::unprocessable,
                                "the input is a list of token numbers, which the policies cannot read; send text"}};
    return false;
  }
  std::string edited;
  const policy::Decision decision = run.review(policy::Phase::request, exchange.body, lanes, edited);
  if (!apply(exchange, decision, Code::input_blocked)) return false;
  if (decision.edited) {
    exchange.edited_body = std::move(edited);
    exchange.body = exchange.edited_body;
    // Where its members stand now.
    if (llm::scan_request(exchange.body, limits, exchange.view)) {
      exchange.refusal = Refusal{{Code::internal, "a policy's edit broke the request"}};
      return false;
    }
  }
  return true;
}

bool enforce_reply(Exchange& exchange, std::string& body) {
  policy::ChainRun& run = exchange.policies;
  if (run.chain().entries.empty()) return true;
  llm::Lanes lanes;
  policy::Decision decision;
  std::string edited;
  if (llm::find_reply_lanes(body, lanes)) {
    decision.kind = policy::Decision::Kind::garbage;
    exchange.refusal = refusal_of(exchange, decision, Code::output_blocked);
    return false;
  }
  decision = run.review(policy::Phase::reply, body, lanes, edited);
  if (!apply(exchange, decision, Code::output_blocked)) return false;
  if (!decision.edited) return true;
  body = std::move(edited);
  // Its log-probabilities would tell the text again.
  if (lanes.logprobs.empty() || llm::find_reply_lanes(body, lanes)) return true;
  for (auto span = lanes.logprobs.rbegin(); span != lanes.logprobs.rend(); ++span)
    body.replace(span->begin, span->size(), "null");
  return true;
}

std::unique_ptr<policy::StreamReview> review_stream(Exchange& exchange) {
  if (exchange.policies.chain().entries.empty()) return nullptr;
  return policy::StreamReview::make(exchange.policies,
                                    exchange.snapshot->config.size_limits.max_response_bytes);
}

void note_content_filter(Exchange& exchange, std::string_view document) {
  // Nearly every event says "filtered":false and nothing else; other providers say nothing at all.
  const bool refused = exchange.trial.status == 400;
  if (!refused && document.find("content_filter") == document.npos) return;
  if (!refused && document.find("true") == document.npos && document.find("\"content_filter\"") == document.npos &&
      document.find("content_filter_error") == document.npos)
    return;
  llm::read_content_filter(document, exchange.record.content_filter);
}

}  // namespace kt::gateway

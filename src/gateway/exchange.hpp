#pragma once
// One request of a client, from its last byte to the answer's last byte.

#include <optional>
#include <string>

#include "gateway/admission.hpp"
#include "gateway/record.hpp"
#include "kt/gateway/endpoints.hpp"
#include "kt/http/error_body.hpp"
#include "kt/llm/request.hpp"
#include "kt/net/response_reader.hpp"
#include "kt/net/session.hpp"
#include "kt/policy/chain.hpp"
#include "kt/routing/attempt.hpp"
#include "kt/routing/course.hpp"

namespace kt::gateway {

// What a head mostly fits into: strings that grow to it step by step would be copied six times.
inline constexpr std::size_t kHeadBytes = 1024;

// An upstream's answer that was not passed on yet, because another target might do better.
struct KeptAnswer {
  routing::Outcome outcome;
  std::string fields, body;
};

// Why the client gets an error of ours instead of an answer.
struct Refusal {
  Error error;
  http::ErrorContext context = {};
  int status = 0;            // 0 = the code's own
  std::string fields = {};   // further header lines
};

// What the attempt at hand is about.
struct Trial {
  routing::Attempt* book = nullptr;  // its figures
  const routing::Price* price = nullptr;
  bool may_fail_over = false;        // somebody else could be asked, or the same target again
  int status = 0;                    // of the answer's head; 0 = no answer came
  bool broke = false;                // the answer failed in the middle
  std::uint64_t key = 0;             // fingerprint of the credential that was sent
  bool may_renew = true;             // a 401 may be the old one of a credential that has just changed
  routing::QuotaSignals quota;
  Reservation reservation;           // of the target's own limits
  bool concluded = false;
};

struct Exchange {
  Exchange(Worker& worker, const http::RequestHead& head, std::string_view body, Route route,
           net::Downstream& down);

  Worker& worker;
  const std::shared_ptr<const Snapshot> snapshot;
  const http::RequestHead& head;
  std::string_view body;    // the client's bytes, or edited_body
  std::string edited_body;  // with the policies' edits
  const Route route;
  net::Downstream& down;
  policy::ChainRun policies;
  AccessRecord record;
  Admission admission;
  std::optional<Refusal> refusal;        // of a policy, a limit, or of what could not be checked
  std::optional<Refusal> limit_refusal;  // of the last target whose own limit was reached
  llm::RequestView view;
  net::CancelToken cancel;               // the client is gone
  net::Time next_comment = net::kNever;  // when a waiting stream needs a sign of life
  bool began = false;                    // head of a stream and comments are out; no event yet
  bool committed = false;                // the commit point: the first event or reply byte
  routing::Ask ask;
  net::Time deadline = net::kNever;      // nobody waits for an answer any more
  Trial trial;
  std::optional<KeptAnswer> kept;
};

// Tells the story of an LLM call. Ends with an answer written, or the client gone.
net::Task<void> serve_exchange(Exchange& exchange);

// refused: exchange.refusal says why; nobody else is asked. renewed: the credential changed while it was refused.
enum class AttemptEnd : unsigned char { answered, client_gone, failed, retryable_answer, refused, renewed };

struct AttemptResult {
  AttemptEnd end = AttemptEnd::failed;
  Error error = {};  // failed
};

// One try on one target; exchange.trial says what for. An answer that another attempt might better is kept.
net::Task<AttemptResult> attempt(Exchange& exchange, const Target& target);

// The changing lines of the request's head with the credential of this moment; sets exchange.trial.key.
Status seal(Exchange& exchange, const Target& target, std::size_t body_bytes, std::string& tail);

// Passes a streamed answer on, event by event. failed: nothing was committed, another target may be asked.
net::Task<AttemptResult> relay_stream(Exchange& exchange, const Target& target, net::ResponseReader& reader,
                                      std::string fields);

// What the attempt came to, for the target's figures, the limits and the budget. Before the answer's last byte
// goes out, so that the client's next request meets them; what comes again has no effect.
void conclude(Exchange& exchange, const Target& target, const AttemptResult& result);

// The audit trail did not take the request's record: answer_error says so.
AttemptResult audit_refused(Exchange& exchange);

// The gateway wants the token counts of this stream although the client did not ask for them.
bool asks_for_usage(const Exchange& exchange, const Target& target);

// The body as this target wants it: the client's bytes, or a copy with the model's name and the wish for usage
// spliced in.
std::string_view outbound_body(const Exchange& exchange, const Target& target, std::string& scratch);

// Answers with an error of ours: JSON before the commit point, an in-band event and a visible cut after it.
net::Task<void> answer_error(Exchange& exchange, const Refusal& refusal);

// Writes a comment when the stream has been silent for too long. False when the client did not take it.
net::Task<bool> keep_alive(Exchange& exchange);

}  // namespace kt::gateway

#pragma once
// Where the chain of policies meets an exchange.

#include <memory>

#include "gateway/exchange.hpp"
#include "kt/policy/stream_review.hpp"

namespace kt::gateway {

// Judges the request; edits become the exchange's body. False: exchange.refusal says why it is not served.
bool enforce_request(Exchange& exchange);

// Judges a complete answer of status 200; edits change `body`. False as above.
bool enforce_reply(Exchange& exchange, std::string& body);

// Null: no policy reads streams.
std::unique_ptr<policy::StreamReview> review_stream(Exchange& exchange);

// What the client is told of a decision that did not pass.
Refusal refusal_of(const Exchange& exchange, const policy::Decision& decision, Code blocked);

// Azure's own verdict, recorded beside ours.
void note_content_filter(Exchange& exchange, std::string_view document);

}  // namespace kt::gateway

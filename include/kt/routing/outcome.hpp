#pragma once
// What came of one attempt, whose fault it was, and whether another attempt may help.

#include "kt/base/error.hpp"
#include "kt/routing/circuit.hpp"
#include "kt/routing/quota.hpp"

namespace kt::routing {

struct Outcome {
  int status = 0;                 // of the answer's head; 0 = there was no answer
  Code failure = Code::internal;  // why there was none, or how it broke
  bool broken = false;            // a head came, but its body or stream failed (an error event included)
  QuotaSignals quota;

  static Outcome answered(int status, QuotaSignals quota = {}) {
    return {status, Code::internal, false, quota};
  }
  static Outcome failed(Code failure) { return {0, failure, false, {}}; }
  static Outcome broke(int status, Code failure) { return {status, failure, true, {}}; }
};

// Client errors, content filters and 429 say nothing about the target's health; 401 and 403 say that the
// gateway's credential does not work.
Health health_of(const Outcome& outcome);

// What kind of failure it was, as `fallback.triggers` names them. Several bits may be set.
enum Trigger : unsigned {
  kNoTrigger = 0,  // final: success, verdicts, content filter, other 4xx, an answer that is too large
  kRateLimit = 1,
  kTimeout = 2,
  kServerError = 4,
  kConnectionError = 8,
  kUnavailable = 16,  // the target has no credential: always goes on to the next
};
unsigned trigger_of(const Outcome& outcome);

// Bits of the configured names; an empty list means all.
unsigned triggers_of(const std::vector<std::string>& names);

// Of two failed attempts, is `fresh` the better one to answer the client with? A 429 with the shortest wait,
// then any answer of a provider, then an error of ours.
bool better_answer(const Outcome& fresh, const Outcome& kept);

}  // namespace kt::routing

#pragma once
// A policy is a shared, immutable object in the snapshot; a stage is its work in one phase of one exchange.
// Both are plain synchronous code: no clock, no I/O, no randomness.

#include <memory>
#include <string_view>

#include "kt/llm/lane.hpp"
#include "kt/policy/report.hpp"

namespace kt::policy {

// Where a stage puts a lane's text: every byte it was given passes or is replaced, in order.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void pass(std::string_view text) = 0;
  virtual void replace(std::string_view original, std::string_view marker) = 0;
};

// The values that markers stand for; one of an exchange, wiped with it (policy/vault.hpp).
class Vault;

struct StageContext {
  Phase phase = Phase::request;
  Report& report;
  Vault* vault = nullptr;  // none: nothing is put back
};

// Used by one thread. Allocates per exchange and lane, not per piece.
class Stage {
 public:
  virtual ~Stage() = default;

  // The next piece of a lane's text; `last`: the lane ends with it (a request's or reply's text comes whole).
  // Pieces end between code points. What could still become a match stays inside until a later call; the rest
  // goes to `out` at once. block or escalate: what stands before the place that decided has gone to `out`,
  // and the stage is not called again.
  virtual Verdict take(const llm::Lane& lane, std::string_view piece, bool last, Sink& out) = 0;

  // All lanes have ended: verdicts over everything.
  virtual Verdict finish() { return Verdict::allow; }
};

class Policy {
 public:
  virtual ~Policy() = default;
  [[nodiscard]] virtual std::string_view kind() const = 0;

  // Null: the policy has nothing to do in this phase.
  [[nodiscard]] virtual std::unique_ptr<Stage> start(const StageContext& context) const = 0;

  // The roles whose text it reads in a phase; others bypass it.
  [[nodiscard]] virtual bool reads(Phase phase, llm::Role role) const = 0;

  // A stream's lanes are handed over whole, at their end (`streaming_mode: buffered`).
  [[nodiscard]] virtual bool buffers() const { return false; }

  // What the answer to a blocked client says; no word of the text.
  [[nodiscard]] virtual std::string_view message() const = 0;
};

}  // namespace kt::policy

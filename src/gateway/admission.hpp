#pragma once
// Who asks, and what the request takes of limits and budgets: reserved before anything is sent, settled when
// it is over.

#include "kt/routing/consumers.hpp"
#include "kt/routing/limits.hpp"

namespace kt::gateway {

struct Exchange;
struct Model;
struct Target;

// What one request holds in the StateStore. Given back when it goes without having been settled.
class Reservation {
 public:
  Reservation() = default;
  Reservation(routing::StateStore& store, const routing::Ticket& ticket) : store_(&store), ticket_(ticket) {}
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();

  void settle(std::uint64_t tokens);

 private:
  routing::StateStore* store_ = nullptr;
  std::optional<routing::Ticket> ticket_;
};

// A consumer's budget, as far as this request has used it.
class BudgetShare {
 public:
  BudgetShare() = default;
  BudgetShare(routing::StateStore& store, const config::Consumer& consumer, routing::Spend reserved);
  BudgetShare(BudgetShare&& other) noexcept;
  BudgetShare& operator=(BudgetShare&& other) noexcept;
  ~BudgetShare();  // what was reserved becomes what was spent

  void spent(routing::Spend spent) {
    spent_ = spent;
    close();
  }

 private:
  void close();
  routing::StateStore* store_ = nullptr;
  const config::Consumer* consumer_ = nullptr;
  routing::Period period_;
  routing::Spend reserved_, spent_;
};

struct Admission {
  const config::Consumer* consumer = nullptr;  // null: nobody is asked for a key
  Reservation limits;
  BudgetShare budget;
};

// Counts the request's tokens and takes its part of every limit. False: exchange.refusal says why not.
bool admit_caller(Exchange& exchange, const Model& model);

// The same for one target, before each attempt. A refusal is a 429 of ours.
struct TargetShare {
  Reservation reservation;
  bool granted = true;
  routing::Millis wait = 0;
};
TargetShare reserve_target(Exchange& exchange, const Target& target);

// After the answer: what was really used.
void settle(Exchange& exchange);

}  // namespace kt::gateway

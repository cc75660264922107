#include "gateway/admission.hpp"

#include <utility>

#include "gateway/exchange.hpp"
#include "kt/routing/hedge.hpp"
#include "kt/tokens/request.hpp"

namespace kt::gateway {
namespace {

routing::Millis now() { return routing::millis(system_clock().steady()); }

std::int64_t tokens_of(const Exchange& exchange) { return exchange.ask.input_tokens + exchange.ask.output_tokens; }

std::string user_in_body(const Exchange& exchange, const tokens::RequestFacts& facts) {
  return facts.user ? json::unescape(facts.user->of(exchange.body)) : std::string();
}

// Tokens are counted when somebody asks for them; else four bytes are taken for one.
void count_tokens(Exchange& exchange, const Model& model) {
  const Snapshot& snapshot = *exchange.snapshot;
  const bool exact = snapshot.counts_tokens || exchange.body.size() > model.smallest_window;
  if (!exact && !snapshot.sticky) {
    exchange.ask.input_tokens = static_cast<std::int64_t>(exchange.body.size() / 4);
    return;
  }
  const auto* vocabulary =
      exact ? &tokens::Vocabulary::of(tokens::encoding_of(model.first->config.model)) : nullptr;
  const tokens::RequestFacts facts = tokens::request_facts(exchange.body, vocabulary);
  exchange.ask.input_tokens = static_cast<std::int64_t>(
      exchange.route.endpoint == llm::Endpoint::embeddings && facts.largest_input > 0 ? facts.largest_input
                                                                                     : facts.input_tokens);
  if (exchange.route.endpoint != llm::Endpoint::embeddings) {
    const auto learned = routing::learned_output(model.group->candidates.front());
    exchange.ask.output_tokens = routing::output_estimate(facts.max_output, learned, facts.choices);
  }
  std::string who = routing::user_of(snapshot.config.user_rate_limit, exchange.head.fields);
  if (who.empty()) who = user_in_body(exchange, facts);
  const bool by_conversation = snapshot.config.routing.sticky_by == "conversation";
  if ((by_conversation || who.empty()) && facts.conversation) who = facts.conversation->of(exchange.body);
  exchange.ask.sticky = routing::sticky_key(who);
}

Refusal limit_refusal(Exchange& exchange, const routing::Taken& taken) {
  exchange.worker.shared().tally.refused[static_cast<std::size_t>(taken.scope)].fetch_add(1);
  Refusal refusal{{Code::rate_limited, routing::refusal_text(taken)}};
  routing::refusal_fields(taken, refusal.fields);
  return refusal;
}

bool within_budget(Exchange& exchange, const Model& model) {
  const config::Consumer& consumer = *exchange.admission.consumer;
  routing::StateStore& store = exchange.worker.shared().store;
  llm::Usage expected;
  expected.input = static_cast<std::uint64_t>(exchange.ask.input_tokens);
  expected.output = static_cast<std::uint64_t>(exchange.ask.output_tokens);
  const routing::Price& price = model.group->candidates.front().price;
  const routing::PicoUsd cost = price.known ? routing::cost_of(price, expected) : 0;
  const routing::Spend more = routing::spend_of(cost, expected.input + expected.output);
  // Reserved first, so that two workers never both take what is left.
  BudgetShare share(store, consumer, more);
  const WallTime wall = system_clock().wall();
  const auto answer =
      routing::within_budget(consumer.budget, store.spent(consumer.id, routing::period_of(wall)), {}, wall);
  if (!answer.allowed) {
    exchange.worker.shared().tally.over_budget.fetch_add(1);
    exchange.refusal = Refusal{{Code::rate_limited, "the budget " + std::string(answer.what) + " is used up"}};
    routing::retry_fields(answer.wait, exchange.refusal->fields);
    exchange.refusal->fields.append("x-should-retry: false\r\n");
    return false;
  }
  exchange.admission.budget = std::move(share);
  return true;
}

}  // namespace

Reservation::Reservation(Reservation&& other) noexcept
    : store_(std::exchange(other.store_, nullptr)), ticket_(other.ticket_) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  std::swap(store_, other.store_);
  std::swap(ticket_, other.ticket_);
  return *this;
}

Reservation::~Reservation() {
  if (store_ != nullptr) store_->give_back(*ticket_, now());
}

void Reservation::settle(std::uint64_t tokens) {
  if (store_ == nullptr) return;
  std::exchange(store_, nullptr)->settle(*ticket_, static_cast<std::int64_t>(tokens), now());
}

BudgetShare::BudgetShare(routing::StateStore& store, const config::Consumer& consumer, routing::Spend reserved)
    : store_(&store),
      consumer_(&consumer),
      period_(routing::period_of(system_clock().wall())),
      reserved_(reserved) {
  store_->add(consumer_->id, period_, reserved_);
}

BudgetShare::BudgetShare(BudgetShare&& other) noexcept { *this = std::move(other); }

BudgetShare& BudgetShare::operator=(BudgetShare&& other) noexcept {
  close();
  store_ = std::exchange(other.store_, nullptr);
  consumer_ = other.consumer_;
  period_ = other.period_;
  reserved_ = other.reserved_;
  spent_ = other.spent_;
  return *this;
}

BudgetShare::~BudgetShare() { close(); }

void BudgetShare::close() {
  if (store_ == nullptr) return;
  store_->add(consumer_->id, period_,
              {spent_.nano_usd - reserved_.nano_usd, spent_.tokens - reserved_.tokens});
  store_ = nullptr;
}

bool admit_caller(Exchange& exchange, const Model& model) {
  const Snapshot& snapshot = *exchange.snapshot;
  Admission& admission = exchange.admission;
  if (admission.consumer != nullptr && !routing::may_use(*admission.consumer, exchange.record.model)) {
    exchange.refusal = Refusal{{Code::forbidden, "this key may not use this model"}, {.param = "model"}};
    return false;
  }
  count_tokens(exchange, model);
  if (!snapshot.limits_callers) return true;
  routing::Caller caller;
  caller.ip = routing::limit_address(std::string(exchange.record.client_ip), exchange.head.fields,
                                     snapshot.config.ip_rate_limit.trust_proxy_depth);
  caller.user = routing::user_of(snapshot.config.user_rate_limit, exchange.head.fields);
  caller.consumer = admission.consumer;
  const routing::Charges charges = routing::charges_of(snapshot.config, caller, tokens_of(exchange));
  if (charges.count > 0) {
    routing::StateStore& store = exchange.worker.shared().store;
    const routing::Taken taken = store.take(charges, now());
    if (!taken.granted) {
      exchange.refusal = limit_refusal(exchange, taken);
      return false;
    }
    admission.limits = Reservation(store, taken.ticket);
  }
  return admission.consumer == nullptr || within_budget(exchange, model);
}

TargetShare reserve_target(Exchange& exchange, const Target& target) {
  const routing::Charges charges = routing::charges_of(target.config, tokens_of(exchange));
  if (charges.count == 0) return {};
  routing::StateStore& store = exchange.worker.shared().store;
  const routing::Taken taken = store.take(charges, now());
  if (taken.granted) return {Reservation(store, taken.ticket), true, 0};
  exchange.limit_refusal = limit_refusal(exchange, taken);
  return {{}, false, taken.wait};
}

void settle(Exchange& exchange) {
  const AccessRecord& record = exchange.record;
  if (record.attempts == 0) {  // nothing was sent: everything is given back
    exchange.admission.limits = Reservation();
    exchange.admission.budget = BudgetShare();
    return;
  }
  const std::uint64_t tokens = record.usage.input + record.usage.output;
  exchange.admission.limits.settle(tokens);
  exchange.admission.budget.spent(routing::spend_of(record.cost.value_or(0), tokens));
}

}  // namespace kt::gateway

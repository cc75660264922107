#include "kt/routing/attempt.hpp"

namespace kt::routing {
namespace {

double seconds(SteadyTime::duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

Attempt::Attempt(const Choice& choice, const Ask& ask, SteadyTime now) : choice_(choice), began_(now) {
  TargetState& state = *choice_.candidate->state;
  state.in_flight.fetch_add(1, std::memory_order_relaxed);
  state.stats.attempts.fetch_add(1, std::memory_order_relaxed);
  state.quota.spend(ask.input_tokens + ask.output_tokens);
}

Attempt::~Attempt() {
  TargetState& state = *choice_.candidate->state;
  state.in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (!finished_) state.circuit.report(choice_.permit, Health::no_verdict, choice_.group->breaker, 0);
}

void Attempt::first_token(SteadyTime now) {
  if (streamed_) return;
  streamed_ = true;
  first_token_ = now;
  TargetStats& stats = choice_.candidate->state->stats;
  stats.first_token.add(seconds(now - began_), millis(now), choice_.group->window);
  stats.first_token_quantiles.add(seconds(now - began_));
}

void Attempt::measure(const llm::Usage& usage, SteadyTime now) {
  TargetStats& stats = choice_.candidate->state->stats;
  const Millis window = choice_.group->window;
  stats.latency.add(seconds(now - began_), millis(now), window);
  if (!usage.present) return;
  const double writing = seconds(now - (streamed_ ? first_token_ : began_));
  if (usage.output > 0 && writing > 0)
    stats.throughput.add(static_cast<double>(usage.output) / writing, millis(now), window);
  stats.output_quantiles.add(static_cast<double>(usage.output));
}

Circuit::Change Attempt::finish(const Outcome& outcome, const llm::Usage& usage, SteadyTime now) {
  finished_ = true;
  TargetState& state = *choice_.candidate->state;
  const Health health = health_of(outcome);
  if (health == Health::good) measure(usage, now);
  if (health == Health::good || health == Health::bad)
    state.stats.errors.add(health == Health::bad ? 1 : 0, millis(now), kErrorWindow);
  if (health == Health::bad) state.stats.failures.fetch_add(1, std::memory_order_relaxed);
  state.quota.observe(outcome.quota, millis(now));
  if (outcome.status == 429) {
    state.stats.rate_limited.fetch_add(1, std::memory_order_relaxed);
    state.cool_down(millis(now) + cool_down_of(outcome.quota));
  }
  return state.circuit.report(choice_.permit, health, choice_.group->breaker, millis(now));
}

}  // namespace kt::routing

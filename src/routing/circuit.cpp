#include "kt/routing/circuit.hpp"

#include <algorithm>

namespace kt::routing {
namespace {

// closed: count = failures in a row. open: until = end of the cool-down. half_open: count = trials out.
struct Word {
  CircuitState state = CircuitState::closed;
  std::uint32_t count = 0;
  Millis until = 0;
};

constexpr int kCountBits = 14, kTimeBits = 48;
constexpr std::uint32_t kMaxCount = (1u << kCountBits) - 1;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;

std::uint64_t pack(const Word& word) {
  return static_cast<std::uint64_t>(word.state) << (kCountBits + kTimeBits) |
         static_cast<std::uint64_t>(std::min(word.count, kMaxCount)) << kTimeBits |
         (static_cast<std::uint64_t>(word.until) & kTimeMask);
}

Word unpack(std::uint64_t bits) {
  return {static_cast<CircuitState>(bits >> (kCountBits + kTimeBits)),
          static_cast<std::uint32_t>(bits >> kTimeBits) & kMaxCount, static_cast<Millis>(bits & kTimeMask)};
}

bool trial_possible(const Word& word, const config::CircuitBreaker& breaker, Millis now) {
  if (word.state == CircuitState::open) return now >= word.until;
  return word.count < breaker.half_open_max_requests;
}

Word opened(Millis until) { return {CircuitState::open, 0, until}; }

Word after(Word word, Circuit::Permit permit, Health health, const config::CircuitBreaker& breaker,
           Millis now) {
  const bool trial = permit == Circuit::Permit::trial;
  if (health == Health::locked_out) return opened(now + Circuit::kLockedOut);
  // What was sent before the circuit opened says nothing about now.
  if (word.state == CircuitState::open) return word;
  if (word.state == CircuitState::half_open) {
    if (!trial) return word;
    if (health == Health::good) return {};
    if (health == Health::bad) return opened(now + millis(breaker.cooldown));
    word.count -= std::min(word.count, 1u);
    return word;
  }
  if (health == Health::good) return {};
  if (health != Health::bad) return word;
  ++word.count;
  return word.count >= breaker.failure_threshold ? opened(now + millis(breaker.cooldown)) : word;
}

}  // namespace

Circuit::Permit Circuit::admit(const config::CircuitBreaker& breaker, Millis now) {
  if (!breaker.enabled) return Permit::normal;
  std::uint64_t bits = word_.load(std::memory_order_acquire);
  for (;;) {
    Word word = unpack(bits);
    if (word.state == CircuitState::closed) return Permit::normal;
    if (!trial_possible(word, breaker, now)) return Permit::refused;
    const std::uint32_t out = word.state == CircuitState::half_open ? word.count : 0;
    word = {CircuitState::half_open, out + 1, 0};
    if (word_.compare_exchange_weak(bits, pack(word), std::memory_order_acq_rel)) return Permit::trial;
  }
}

Circuit::Change Circuit::report(Permit permit, Health health, const config::CircuitBreaker& breaker,
                                Millis now) {
  if (!breaker.enabled || permit == Permit::refused) return Change::none;
  std::uint64_t bits = word_.load(std::memory_order_acquire);
  for (;;) {
    const Word word = unpack(bits), next = after(word, permit, health, breaker, now);
    if (pack(next) != bits && !word_.compare_exchange_weak(bits, pack(next), std::memory_order_acq_rel))
      continue;
    if (next.state == word.state || next.state == CircuitState::half_open) return Change::none;
    return next.state == CircuitState::open ? Change::opened : Change::closed;
  }
}

bool Circuit::admits(const config::CircuitBreaker& breaker, Millis now) const {
  const std::uint64_t bits = word_.load(std::memory_order_relaxed);
  if (bits == 0 || !breaker.enabled) return true;
  const Word word = unpack(bits);
  return word.state == CircuitState::closed || trial_possible(word, breaker, now);
}

CircuitState Circuit::state(Millis now) const {
  const Word word = unpack(word_.load(std::memory_order_relaxed));
  return word.state == CircuitState::open && now >= word.until ? CircuitState::half_open : word.state;
}

Millis Circuit::wait(Millis now) const {
  const Word word = unpack(word_.load(std::memory_order_relaxed));
  return word.state == CircuitState::open ? std::max<Millis>(0, word.until - now) : 0;
}

void Circuit::allow_trial(Millis now) {
  std::uint64_t bits = word_.load(std::memory_order_acquire);
  for (;;) {
    Word word = unpack(bits);
    if (word.state != CircuitState::open || word.until <= now) return;
    word.until = now;
    if (word_.compare_exchange_weak(bits, pack(word), std::memory_order_acq_rel)) return;
  }
}

}  // namespace kt::routing

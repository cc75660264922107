#pragma once
// Which limits a request meets, and how a refusal tells the client. Pure; the counts are the StateStore's.

#include <optional>
#include <string>
#include <vector>

#include "kt/config/config.hpp"
#include "kt/http/head.hpp"
#include "kt/routing/state_store.hpp"

namespace kt::routing {

// Who asks.
struct Caller {
  std::string ip;    // from limit_address()
  std::string user;  // from user_of(); empty = not said
  const config::Consumer* consumer = nullptr;
};

// A list of charges whose names point into the caller or the configuration.
struct Charges {
  std::array<Charge, kMaxCharges> items;
  std::size_t count = 0;
  void add(const Charge& charge) { items[count++] = charge; }
  operator std::span<const Charge>() const { return {items.data(), count}; }
};

// At admission: global, address, user, token and consumer limits. `tokens`: the reservation.
Charges charges_of(const config::Config& config, const Caller& caller, std::int64_t tokens);
// At each attempt: rpm, tpm and max_parallel_requests of the target.
Charges charges_of(const config::Target& target, std::int64_t tokens);

// The client's address behind `trust_proxy_depth` proxies: the entry of X-Forwarded-For that the outermost
// trusted proxy wrote, or `peer` when there is none that can be read. An IPv6 address counts as its /64.
std::string limit_address(const std::string& peer, const http::Fields& request,
                          std::uint32_t trust_proxy_depth);

// The first of the configured headers that says something; empty when none does.
std::string user_of(const config::RateLimit& limit, const http::Fields& request);

// Tokens to reserve: the prompt's, and per choice max_tokens, else the learned quantile, else kUnknownOutput.
inline constexpr std::int64_t kUnknownOutput = 1000;
std::int64_t output_estimate(std::optional<std::uint64_t> max_tokens, std::optional<double> learned,
                             std::uint64_t choices);

// Header lines of a refusal: retry-after (seconds, rounded up), retry-after-ms, x-ratelimit-*. Without a wait
// there is no point in asking again: x-should-retry: false.
void refusal_fields(const Taken& taken, std::string& out);
// The x-ratelimit-* lines of a granted request.
void allowance_fields(const Taken& taken, std::string& out);
// retry-after and retry-after-ms alone.
void retry_fields(Millis wait, std::string& out);

// "the limit of requests per address is reached"
std::string refusal_text(const Taken& taken);

}  // namespace kt::routing

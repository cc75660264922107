#pragma once
// Client keys. Known by their SHA-256 only; compared in constant time, all of them, so that time tells
// nothing.

#include <optional>
#include <string>
#include <vector>

#include "kt/base/crypto.hpp"
#include "kt/config/config.hpp"
#include "kt/http/head.hpp"
#include "kt/routing/pricing.hpp"
#include "kt/routing/state_store.hpp"

namespace kt::routing {

// A consumer whose key could be read. `consumer` points into the snapshot's configuration.
struct ConsumerKey {
  const config::Consumer* consumer = nullptr;
  Digest digest{};
};

// 64 lower-case hex digits; none when it is something else.
std::optional<Digest> read_digest(std::string_view hex);

// Immutable, in the snapshot. Thread-safe.
class Consumers {
 public:
  // `required`: the configuration has the section, also when no key of it can be used.
  Consumers() = default;
  Consumers(std::vector<ConsumerKey> keys, bool required) : keys_(std::move(keys)), required_(required) {}

  // Without the section any or no key is accepted.
  [[nodiscard]] bool required() const { return required_; }

  // Who has this key; nullptr = nobody.
  [[nodiscard]] const config::Consumer* find(std::string_view key) const;
  // The first of the request's keys that somebody has: `Authorization: Bearer K`, `api-key: K`. Both are
  // looked at, because AzureOpenAI clients send both.
  [[nodiscard]] const config::Consumer* find(const http::Fields& request) const;

 private:
  std::vector<ConsumerKey> keys_;
  bool required_ = false;
};

// May this consumer use this model? An empty list allows all.
bool may_use(const config::Consumer& consumer, std::string_view model);

// Whether the budget still holds `more`, and when it is new otherwise.
struct BudgetAnswer {
  bool allowed = true;
  std::string_view what;  // "daily_usd" ...: which one is used up
  Millis wait = 0;        // until its next period begins (UTC)
};
BudgetAnswer within_budget(const config::Budget& budget, const Spent& spent, Spend more, WallTime wall);

// What a request adds to an account. A started nano-USD counts whole.
Spend spend_of(PicoUsd cost, std::uint64_t tokens);

}  // namespace kt::routing

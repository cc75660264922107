#pragma once
// What consumers have spent, by day and by month. Read and written by all workers without a lock; accounts
// are added under one and never removed.

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "kt/base/result.hpp"
#include "kt/routing/state_store.hpp"

namespace kt::routing {

// A sum that starts again with each period. One atomic word.
class PeriodSum {
 public:
  void add(std::uint32_t period, std::int64_t amount);
  [[nodiscard]] std::int64_t of(std::uint32_t period) const;
  [[nodiscard]] std::uint32_t period() const;  // the last one that was added to

 private:
  std::atomic<std::uint64_t> word_{0};
};

struct Account {
  explicit Account(std::string name) : id(std::move(name)) {}
  const std::string id;
  PeriodSum day_nano_usd, day_tokens, month_nano_usd, month_tokens;
  Account* next = nullptr;  // in its bucket; set before the account can be seen
};

class Accounts {
 public:
  Accounts() = default;
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  Account* find(std::string_view id) const;
  Account& open(const std::string& id);

  // "id-in-hex day nano-usd tokens month nano-usd tokens" per line.
  [[nodiscard]] std::string text() const;
  Status read(std::string_view text);

 private:
  static constexpr std::size_t kBuckets = 256;
  std::array<std::atomic<Account*>, kBuckets> buckets_{};
  std::mutex opening_;
};

}  // namespace kt::routing

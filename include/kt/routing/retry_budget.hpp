#pragma once
// How many attempts more than requests there may be, over all traffic of the last ten seconds. In a storm of
// failures the upstream gets at most 1 + ratio times the clients' requests.

#include <array>
#include <atomic>
#include <cstdint>

#include "kt/routing/moment.hpp"

namespace kt::routing {

class RetryBudget {
 public:
  static constexpr Millis kWindow = 10'000;
  // So many are allowed however little traffic there is (unless the ratio is 0); not added to the share.
  static constexpr std::uint32_t kLeast = 3;

  explicit RetryBudget(double ratio) : ratio_(ratio) {}
  void ratio(double ratio) { ratio_.store(ratio, std::memory_order_relaxed); }  // after a reload

  void request(Millis now);             // a client's request; its own retries are not reported
  [[nodiscard]] bool take(Millis now);  // may one more attempt be made? true = it is counted
  // One that needed no permission. What goes beyond the budget is paid back by refusals.
  void count(Millis now);

 private:
  struct Sum {
    std::uint64_t requests = 0, retries = 0;
  };
  void add(Millis now, std::uint64_t requests, std::int64_t retries);
  [[nodiscard]] Sum sum(Millis now) const;
  [[nodiscard]] bool within(const Sum& sum) const;
  bool pay_back();

  static constexpr Millis kBucket = 500;
  static constexpr std::size_t kBuckets = kWindow / kBucket;
  static constexpr std::int32_t kMostDebt = 64;
  std::atomic<double> ratio_;
  std::atomic<std::int32_t> debt_{0};
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};  // epoch, requests, retries; see the source
};

}  // namespace kt::routing

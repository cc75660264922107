#include "kt/routing/retry_budget.hpp"

#include <algorithm>

namespace kt::routing {
namespace {

// One bucket of half a second in one word: its number (20 bits: six days until it repeats), requests and
// retries (22 bits each: eight million a second).
constexpr int kCountBits = 22;
constexpr std::uint64_t kCountMask = (1u << kCountBits) - 1, kEpochMask = (1u << 20) - 1;

struct Bucket {
  std::uint64_t epoch = 0, requests = 0, retries = 0;
};

Bucket unpack(std::uint64_t bits) {
  return {bits >> (2 * kCountBits), bits >> kCountBits & kCountMask, bits & kCountMask};
}

std::uint64_t pack(const Bucket& bucket) {
  return bucket.epoch << (2 * kCountBits) | std::min(bucket.requests, kCountMask) << kCountBits |
         std::min(bucket.retries, kCountMask);
}

std::uint64_t epoch_of(Millis now, Millis bucket) {
  return static_cast<std::uint64_t>(now / bucket) & kEpochMask;
}

}  // namespace

void RetryBudget::add(Millis now, std::uint64_t requests, std::int64_t retries) {
  const std::uint64_t epoch = epoch_of(now, kBucket);
  auto& word = buckets_[static_cast<std::size_t>(now / kBucket) % kBuckets];
  std::uint64_t bits = word.load(std::memory_order_relaxed);
  for (;;) {
    Bucket bucket = unpack(bits);
    if (bucket.epoch != epoch) bucket = {epoch, 0, 0};
    bucket.requests += requests;
    bucket.retries = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, static_cast<std::int64_t>(bucket.retries) + retries));
    if (word.compare_exchange_weak(bits, pack(bucket), std::memory_order_acq_rel)) return;
  }
}

RetryBudget::Sum RetryBudget::sum(Millis now) const {
  Sum sum;
  for (const auto& word : buckets_) {
    const Bucket bucket = unpack(word.load(std::memory_order_acquire));
    const std::uint64_t age = (epoch_of(now, kBucket) - bucket.epoch) & kEpochMask;
    if (age >= kBuckets) continue;
    sum.requests += bucket.requests;
    sum.retries += bucket.retries;
  }
  return sum;
}

void RetryBudget::request(Millis now) { add(now, 1, 0); }

bool RetryBudget::within(const Sum& sum) const {
  const double ratio = ratio_.load(std::memory_order_relaxed);
  const double share = ratio * static_cast<double>(sum.requests), least = ratio > 0 ? kLeast : 0;
  return static_cast<double>(sum.retries) <= std::max(share, least);
}

void RetryBudget::count(Millis now) {
  add(now, 0, 1);
  if (within(sum(now))) return;
  add(now, 0, -1);
  if (debt_.load(std::memory_order_relaxed) < kMostDebt) debt_.fetch_add(1, std::memory_order_relaxed);
}

bool RetryBudget::pay_back() {
  std::int32_t debt = debt_.load(std::memory_order_relaxed);
  while (debt > 0) {
    if (debt_.compare_exchange_weak(debt, debt - 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

bool RetryBudget::take(Millis now) {
  add(now, 0, 1);  // first counted, then checked: two workers cannot both take the last one
  const Sum total = sum(now);
  if (total.retries <= 1) debt_.store(0, std::memory_order_relaxed);  // of a storm that is over
  const bool allowed = within(total);
  if (allowed && !pay_back()) return true;
  if (!allowed) add(now, 0, -1);
  return false;
}

}  // namespace kt::routing

#include "kt/routing/average.hpp"

#include <algorithm>
#include <cmath>

namespace kt::routing {

void Average::add(double sample, Millis now, Millis window) {
  if (!writing_.enter()) return;
  const Millis age = std::max<Millis>(0, now - last_.load(std::memory_order_relaxed));
  const double fade = std::exp(-static_cast<double>(age) / static_cast<double>(std::max<Millis>(1, window)));
  const double weight = static_cast<double>(weight_.load(std::memory_order_relaxed)) * fade + 1;
  const double mean = static_cast<double>(mean_.load(std::memory_order_relaxed));
  mean_.store(static_cast<float>(mean + (sample - mean) / weight), std::memory_order_relaxed);
  weight_.store(static_cast<float>(weight), std::memory_order_relaxed);
  last_.store(now, std::memory_order_relaxed);
  writing_.leave();
}

namespace {

constexpr double kPerDoubling = 4;
constexpr double kSmallest = 1.0 / 4096;  // below it everything is one bucket

int bucket_of(double sample, int buckets) {
  if (!(sample > kSmallest)) return 0;
  const double index = std::ceil(std::log2(sample / kSmallest) * kPerDoubling);
  return static_cast<int>(std::clamp(index, 0.0, static_cast<double>(buckets - 1)));
}

double upper_end(int bucket) { return kSmallest * std::exp2(bucket / kPerDoubling); }

}  // namespace

void Quantiles::add(double sample) {
  if (!writing_.enter()) return;
  counts_[static_cast<std::size_t>(bucket_of(sample, kBuckets))].fetch_add(1, std::memory_order_relaxed);
  std::uint32_t total = total_.load(std::memory_order_relaxed) + 1;
  if (total >= kRecent) {
    total = 0;
    for (auto& count : counts_) {
      const std::uint32_t half = count.load(std::memory_order_relaxed) / 2;
      count.store(half, std::memory_order_relaxed);
      total += half;
    }
  }
  total_.store(total, std::memory_order_relaxed);
  writing_.leave();
}

std::optional<double> Quantiles::at(double quantile, std::uint32_t least) const {
  if (total_.load(std::memory_order_relaxed) < std::max(1u, least)) return std::nullopt;
  std::array<std::uint32_t, kBuckets> counts;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = counts_[i].load(std::memory_order_relaxed);
    total += counts[i];
  }
  const double wanted = quantile * static_cast<double>(total);
  std::uint64_t seen = 0;
  for (int i = 0; i < kBuckets; ++i) {
    seen += counts[static_cast<std::size_t>(i)];
    if (seen > 0 && static_cast<double>(seen) >= wanted) return upper_end(i);
  }
  return upper_end(kBuckets - 1);
}

}  // namespace kt::routing

#include "kt/telemetry/metrics.hpp"

#include <algorithm>

namespace kt::telemetry {

void Histogram::observe(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  buckets[static_cast<std::size_t>(bucket)].add();
  sum_nanos.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
}

void Series::count_request(int status, VerdictLabel verdict) {
  const auto found = std::lower_bound(kStatuses.begin(), kStatuses.end() - 1, status);
  const bool known = found != kStatuses.end() - 1 && *found == status;
  const std::size_t slot = known ? static_cast<std::size_t>(found - kStatuses.begin()) : kStatuses.size() - 1;
  requests[slot][static_cast<std::size_t>(verdict)].add();
}

Series& Shard::series(std::size_t id) {
  if (id >= series_.size() || !series_[id]) {
    const std::scoped_lock lock(metrics_.mutex_);
    if (series_.size() <= id) series_.resize(id + 1);
    series_[id] = std::make_unique<Series>();
  }
  return *series_[id];
}

std::size_t Metrics::series_id(const SeriesKey& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found != keys_.end()) return static_cast<std::size_t>(found - keys_.begin());
  keys_.push_back(key);
  return keys_.size() - 1;
}

Shard& Metrics::add_shard() {
  const std::scoped_lock lock(mutex_);
  shards_.push_back(std::unique_ptr<Shard>(new Shard(*this)));
  return *shards_.back();
}

std::uint64_t Metrics::requests_processed() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& shard : shards_) {
    for (const auto& series : shard->series_) {
      if (!series) continue;
      for (const auto& by_status : series->requests) {
        for (const Counter& counter : by_status) sum += counter.value();
      }
    }
  }
  return sum;
}

}  // namespace kt::telemetry

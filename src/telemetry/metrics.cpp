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

namespace {

// The id's element; grows under the mutex, so that a scrape sees whole vectors.
template <class T>
T& element(std::vector<std::unique_ptr<T>>& list, std::size_t id, std::mutex& mutex) {
  if (id >= list.size() || !list[id]) {
    const std::scoped_lock lock(mutex);
    if (list.size() <= id) list.resize(id + 1);
    list[id] = std::make_unique<T>();
  }
  return *list[id];
}

template <class T>
std::size_t id_of(std::vector<T>& keys, const T& key) {
  const auto found = std::find(keys.begin(), keys.end(), key);
  if (found != keys.end()) return static_cast<std::size_t>(found - keys.begin());
  keys.push_back(key);
  return keys.size() - 1;
}

}  // namespace

Series& Shard::series(std::size_t id) { return element(series_, id, metrics_.mutex_); }

PolicySeries& Shard::policy(std::size_t id) { return element(policies_, id, metrics_.mutex_); }

std::size_t Metrics::series_id(const SeriesKey& key) {
  const std::scoped_lock lock(mutex_);
  return id_of(keys_, key);
}

std::size_t Metrics::policy_id(std::string_view kind) {
  const std::scoped_lock lock(mutex_);
  return id_of(policies_, std::string(kind));
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

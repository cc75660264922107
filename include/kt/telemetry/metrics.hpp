#pragma once
// Counters of the data path. Each worker writes its own shard without locks; a scrape adds the shards up.
// Label values come from the configuration only, so the number of series is bounded by it.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace kt::telemetry {

// One writer, many readers: plain stores, no locked instruction.
class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void sub(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Buckets of seconds, fixed at compile time.
class Histogram {
 public:
  static constexpr std::array<double, 16> kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05,
                                                  0.1,    0.25,    0.5,    1,     2.5,    10,    30,   120};
  void observe(std::chrono::nanoseconds duration);

  std::array<Counter, kBounds.size() + 1> buckets;  // not cumulative; the last one is +Inf
  Counter sum_nanos;
};

enum class VerdictLabel : unsigned char { allow, redact, block, escalate, error };
inline constexpr std::array<std::string_view, 5> kVerdictNames{"allow", "redact", "block", "escalate", "error"};

// Statuses that are counted by themselves; others fall into "other".
inline constexpr std::array<int, 28> kStatuses{200, 201, 204, 400, 401, 403, 404, 405, 408, 409,
                                               411, 413, 414, 415, 417, 422, 424, 429, 431, 499,
                                               500, 501, 502, 503, 504, 505, 508, 0};

// What one worker counts for one (model, provider).
struct Series {
  std::array<std::array<Counter, kVerdictNames.size()>, kStatuses.size()> requests;
  Counter input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_pico_usd;
  Histogram latency, overhead, first_token;
  Counter in_flight;

  void count_request(int status, VerdictLabel verdict);
};

// What one worker counts for one policy.
struct PolicySeries {
  std::array<Counter, kVerdictNames.size()> results;
  Histogram time;
};

struct SeriesKey {
  std::string model, provider;
  friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
};

class Metrics;

// One worker's counters. series() is for its thread only.
class Shard {
 public:
  Series& series(std::size_t id);  // grows on first use of an id
  PolicySeries& policy(std::size_t id);

 private:
  friend class Metrics;
  explicit Shard(Metrics& metrics) : metrics_(metrics) {}
  Metrics& metrics_;
  std::vector<std::unique_ptr<Series>> series_;  // growth guarded by metrics_.mutex_
  std::vector<std::unique_ptr<PolicySeries>> policies_;
};

class Metrics {
 public:
  // The id of a series; the same key gives the same id, also after a reload. Thread-safe.
  std::size_t series_id(const SeriesKey& key);

  // The same for a policy kind.
  std::size_t policy_id(std::string_view kind);

  // One per worker; lives as long as this.
  Shard& add_shard();

  // The Prometheus text format (0.0.4). Thread-safe.
  std::string render() const;
  [[nodiscard]] std::uint64_t requests_processed() const;

 private:
  friend class Shard;
  mutable std::mutex mutex_;
  std::vector<SeriesKey> keys_;                // guarded by mutex_
  std::vector<std::string> policies_;          // guarded by mutex_
  std::deque<std::unique_ptr<Shard>> shards_;  // guarded by mutex_
};

}  // namespace kt::telemetry

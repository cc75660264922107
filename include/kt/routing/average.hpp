#pragma once
// Figures about a target that all workers write and read without waiting for each other. A sample that
// collides with another worker's is dropped: an average can bear that, a waiting worker cannot.

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

#include "kt/routing/moment.hpp"

namespace kt::routing {

// Who may write right now. Nobody waits: who comes second goes away.
class TryLock {
 public:
  [[nodiscard]] bool enter() { return !busy_.exchange(true, std::memory_order_acquire); }
  void leave() { busy_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> busy_{false};
};

// Mean of the samples of the last window, older ones fading out (weight e^(-age/window)).
class Average {
 public:
  void add(double sample, Millis now, Millis window);

  [[nodiscard]] float mean() const { return mean_.load(std::memory_order_relaxed); }
  // About the number of samples in the window; 0 when the last one is older than that.
  [[nodiscard]] float samples(Millis now, Millis window) const {
    return now - last_.load(std::memory_order_relaxed) > window ? 0 : weight_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<float> mean_{0}, weight_{0};
  std::atomic<Millis> last_{0};
  TryLock writing_;
};

// Quantiles of a positive figure: buckets a quarter of a doubling wide (error below 10 %), halved when they
// hold kRecent samples, so that the last few hundred count.
class Quantiles {
 public:
  static constexpr std::uint32_t kRecent = 1024;
  void add(double sample);
  // The value that the share `quantile` of the samples does not exceed; none below `least` samples.
  [[nodiscard]] std::optional<double> at(double quantile, std::uint32_t least) const;

 private:
  static constexpr int kBuckets = 128;
  std::array<std::atomic<std::uint32_t>, kBuckets> counts_{};
  std::atomic<std::uint32_t> total_{0};
  TryLock writing_;
};

}  // namespace kt::routing

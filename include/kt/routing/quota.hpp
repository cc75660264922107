#pragma once
// What a provider says about its limits, and how much of them is left. Sources: Azure's answers as recorded
// (reset values in milliseconds), OpenAI's ("6m0s"), RFC 9110 10.2.3 (Retry-After).

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kt/http/head.hpp"
#include "kt/routing/moment.hpp"

namespace kt::routing {

struct QuotaSignals {
  std::optional<Millis> retry_after;                         // the provider's wish, uncapped
  std::optional<std::int64_t> limit_requests, limit_tokens;  // a minute
  std::optional<std::int64_t> remaining_requests, remaining_tokens;
  std::optional<Millis> reset_requests, reset_tokens;
};

// Reads retry-after-ms, retry-after (seconds, also with a fraction, or an HTTP date relative to the clock) and
// the x-ratelimit-* fields. What cannot be read, and negative limits, count as not said.
QuotaSignals read_quota(const http::Fields& fields, const Clock& clock);

// "500" (milliseconds), "8.64s", "6m0s", "1h2m", "20ms".
std::optional<Millis> read_reset(std::string_view text);

// The wait that a 429 asks for: retry-after-ms, retry-after, else the later one of the exhausted resets, else
// kDefaultCoolDown; at most kMaxCoolDown, because a limit that one huge request exceeds says 86400 s to
// everybody.
inline constexpr Millis kDefaultCoolDown = 2'000, kMaxCoolDown = 120'000;
Millis cool_down_of(const QuotaSignals& signals);

// The last remaining values of one target, brought forward in time: what was used comes back evenly over a
// minute, as Azure's own reset values say. Values older than a minute say nothing.
class Quota {
 public:
  void observe(const QuotaSignals& signals, Millis now);
  // A request that was sent and whose answer has not told yet.
  void spend(std::int64_t tokens);
  // Would a request of `tokens` be answered 429?
  [[nodiscard]] bool low(std::int64_t tokens, Millis now) const {
    return (requests_.below(1) || tokens_.below(tokens)) && still_low(tokens, now);
  }
  // As last said or computed; none = unknown.
  [[nodiscard]] std::optional<std::int64_t> requests_left(Millis now) const;
  [[nodiscard]] std::optional<std::int64_t> tokens_left(Millis now) const;

 private:
  static constexpr std::int64_t kUnknown = INT64_MIN;
  struct Count {
    std::atomic<std::int64_t> left{kUnknown};
    std::atomic<std::int64_t> limit{0};  // 0 = not said
    [[nodiscard]] std::optional<std::int64_t> at(Millis age) const;
    [[nodiscard]] bool below(std::int64_t cost) const {  // as last said; what came back since is not counted
      const std::int64_t known = left.load(std::memory_order_relaxed);
      return known < cost && known != kUnknown;
    }
  };
  [[nodiscard]] bool still_low(std::int64_t tokens, Millis now) const;
  Count requests_, tokens_;
  std::atomic<Millis> observed_{0};
};

}  // namespace kt::routing

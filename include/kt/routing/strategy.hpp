#pragma once
// A strategy picks one of the targets that may be asked now. It is pure: figures come from the candidates'
// states, turns and random bits from the Ask. Failover order comes from asking again without the one that was
// tried.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kt/config/config.hpp"
#include "kt/routing/pricing.hpp"
#include "kt/routing/target_state.hpp"

namespace kt::routing {

// A target as one group sees it. Immutable; the state is shared.
struct alignas(64) Candidate {
  // What the filter reads: one cache line.
  std::shared_ptr<TargetState> state;
  const std::string* not_compliant = nullptr;  // why the data policy excludes it; nullptr = it does not
  std::uint64_t max_context_tokens = 0;        // 0 = unknown
  std::uint64_t max_parallel = 0;              // 0 = no limit
  double weight = 1;
  std::uint32_t priority = 0;
  bool probed = false;  // has a health probe

  std::size_t target = 0;  // index into config::Config::targets
  std::uint64_t hash = 0;  // of the id
  Price price;
};

// What is known of the request when a target is chosen.
struct Ask {
  bool stream = false;
  std::int64_t input_tokens = 0, output_tokens = 0;  // counted, and expected at most
  std::uint64_t sticky = 0;                          // hash of the user or conversation
  std::uint64_t turn = 0;                            // counts up by one per request of the group
  std::uint64_t random = 0;                          // fresh bits
};

using Choices = std::span<const Candidate* const>;

class Strategy {
 public:
  virtual ~Strategy() = default;
  // An index into `choices`, which is not empty and in listed order.
  [[nodiscard]] virtual std::size_t choose(Choices choices, const Ask& ask, Millis now) const = 0;
};

// Ask::sticky of a user or a conversation; the same in every replica.
std::uint64_t sticky_key(std::string_view text);

// By its canonical name (config::Routing::strategy); empty = ordered; nullptr = no such strategy.
std::unique_ptr<const Strategy> make_strategy(std::string_view name, const config::Routing& options);

}  // namespace kt::routing

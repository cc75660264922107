#include <cmath>

#include "routing/builtin.hpp"
#include "routing/key_hash.hpp"

namespace kt::routing {
namespace {

std::uint64_t mix(std::uint64_t bits) {  // splitmix64's finalizer
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ull;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBull;
  return bits ^ (bits >> 31);
}

// Weighted rendezvous hashing: each pair of key and target has a fixed score, the best one wins. A target
// that goes away or comes back moves its own share of the keys and no other.
class Sticky final : public Strategy {
  std::size_t choose(Choices choices, const Ask& ask, Millis) const override {
    std::size_t best = 0;
    float best_score = 0;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const auto weight = static_cast<float>(choices[i]->weight);
      const float u = (static_cast<float>(mix(choices[i]->hash ^ ask.sticky) >> 40) + 0.5f) * 0x1p-24f;
      // weight / -log(u): the maximum falls on each target in proportion to its weight. -log(u) is at least
      // 1 - u, which spares most logarithms.
      if ((1 - u) * best_score >= weight) continue;
      const float score = weight / -std::log(u);
      if (score <= best_score) continue;
      best = i;
      best_score = score;
    }
    return best;
  }
};

}  // namespace

std::uint64_t sticky_key(std::string_view text) { return sip_hash({0, 0}, text); }

Made sticky(const config::Routing&) { return std::make_unique<Sticky>(); }

}  // namespace kt::routing

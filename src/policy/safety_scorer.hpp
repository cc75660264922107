#pragma once
// The safety score of a lane, at places of its text that no cutting moves: every kStride bytes and its end.

#include <string>
#include <string_view>

#include "kt/text/fold.hpp"
#include "kt/text/pair_scorer.hpp"

namespace kt::policy {

// The model built into the binary.
const text::PairModel& safety_model();

// The heads of the model.
inline constexpr std::size_t kRequest = 0, kAbuse = 1;

// A score that counts as unsafe.
inline constexpr float kUnsafe = 0.8F;

// One lane's text as it comes.
class SafetyScorer {
 public:
  static constexpr std::size_t kStride = 1024;
  static constexpr std::size_t kOverlap = 384;  // read again with the next stretch

  // How much of `piece` is to be taken before the next place to judge; at most piece.size().
  [[nodiscard]] std::size_t until_due(std::string_view piece) const;

  void take(std::string_view part) { text_.append(part); }

  // The place to judge is reached.
  [[nodiscard]] bool due() const { return text_.size() - begin_ >= kStride; }

  // The higher score of the two heads for the stretch that ends here; 0 when nothing came since the last one.
  float judge();

 private:
  std::string text_;
  std::size_t begin_ = 0;  // where in text_ the stretch begins; before it is what overlaps
};

}  // namespace kt::policy

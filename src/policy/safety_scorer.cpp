#include "policy/safety_scorer.hpp"

#include <algorithm>

namespace kt::embedded {
std::string_view safety_model();
}

namespace kt::policy {
namespace {

// What fewer words say is left to the phrases.
constexpr std::size_t kEnoughWords = 4;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

struct Scratch {
  text::Folded folded;
  text::PairModel::Scratch totals;
};

}  // namespace

const text::PairModel& safety_model() {
  static const text::PairModel model = [] {
    auto read = text::PairModel::read(embedded::safety_model());
    return read ? std::move(*read) : text::PairModel();
  }();
  return model;
}

std::size_t SafetyScorer::until_due(std::string_view piece) const {
  std::size_t at = std::min(piece.size(), kStride - std::min(kStride, text_.size() - begin_));
  while (at < piece.size() && continues(piece[at])) ++at;
  return at;
}

float SafetyScorer::judge() {
  thread_local Scratch scratch;
  if (text_.size() == begin_) return 0;
  text::fold(text_, {}, scratch.folded);
  const text::PairModel::Scores scores = safety_model().score(scratch.folded.text, scratch.totals);
  std::size_t keep = text_.size() > kOverlap ? text_.size() - kOverlap : 0;
  while (keep > 0 && continues(text_[keep])) --keep;
  text_.erase(0, keep);
  begin_ = text_.size();
  const std::size_t words = scratch.totals.size() - 1;
  return words < kEnoughWords ? 0 : *std::max_element(scores.begin(), scores.end());
}

}  // namespace kt::policy

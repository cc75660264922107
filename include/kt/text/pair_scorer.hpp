#pragma once
// Two linear models ("heads") over the n-grams of a folded text (src/text/ngrams.hpp), taken in one pass.
// tools/train/safety_file.py writes the file.

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "kt/base/result.hpp"
#include "kt/text/scorer.hpp"

namespace kt::text {

// Immutable and shared by threads; views the bytes it was read from.
class PairModel {
 public:
  static constexpr std::size_t kHeads = 2;
  using Scores = std::array<float, kHeads>;  // calibrated, 0 to 1

  // Running totals before a word, in halves of a feature's value.
  struct Total {
    std::array<std::int64_t, kHeads> sums{};
    std::int64_t norm = 0;
  };

  // Working memory, reused from text to text by one thread.
  using Scratch = std::vector<Total>;

  // `bytes` must outlive the model.
  static Result<PairModel> read(std::string_view bytes);

  // Each head's highest stretch of 64 words; 0 when there is no word. Leaves one total more than the text has
  // words. Linear in folded.size().
  [[nodiscard]] Scores score(std::string_view folded, Scratch& totals) const;

 private:
  struct Head {
    float scale = 0, bias = 0;
    std::vector<std::pair<float, float>> calibration;  // raw, score; both ascending

    [[nodiscard]] float calibrated(float raw) const;
  };

  std::uint32_t bits_ = 0;
  std::array<Head, kHeads> heads_;
  Lexicon lexicon_;
  const std::int8_t* weights_ = nullptr;  // 1 << bits_ times one of each head
};

}  // namespace kt::text

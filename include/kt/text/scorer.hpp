#pragma once
// A linear model over hashed n-grams of a folded text, and the windows it is taken in. One file format for
// every model; tools/train/ writes it, docs/detection-injection.md describes it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kt/base/result.hpp"

namespace kt::text {

// Words that stand for one idea: the "class word word ..." lines of a model. A word stands by its stem: its
// first six letters (Latin ones after the first in any order), or its first two where letters are syllables
// (Han, Hangul, Kana).
class Lexicon {
 public:
  Lexicon() = default;
  explicit Lexicon(std::string_view lines);

  [[nodiscard]] std::uint8_t number(std::string_view class_name) const;  // 0: no such class

  // 0: no class. Classes are numbered from 1 in the order of their lines.
  [[nodiscard]] std::uint8_t find(std::uint32_t stem) const {
    if (slots_.empty()) return 0;
    for (std::uint32_t at = stem;; ++at) {
      const Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.word_class == 0 || slot.stem == stem) return slot.word_class;
    }
  }

 private:
  struct Slot {
    std::uint32_t stem = 0;
    std::uint8_t word_class = 0;
  };
  std::vector<std::string> names_;
  std::vector<Slot> slots_;  // open addressing, a power of two, at most half full
};

// Raw scores of one text: log odds. `peak` of windows of 16 words, `local` of 64, `whole` of all.
struct LinearScore {
  float peak = 0, local = 0, whole = 0;
  std::uint32_t words = 0;
};

// A word of the lexicon: which one of the text, and its class.
struct ClassHit {
  std::uint32_t word = 0;
  std::uint8_t word_class = 0;
};

// Immutable and shared by threads; views the bytes it was read from.
class LinearModel {
 public:
  // Working memory, reused from text to text by one thread.
  struct Scratch {
    std::vector<double> sums, norms;  // running totals before each word
    std::vector<ClassHit> hits;       // words of the lexicon, in order
  };

  // `bytes` must outlive the model.
  static Result<LinearModel> read(std::string_view bytes);

  // Linear in folded.size(), about 8 ns a byte. Leaves the lexicon's words in scratch.hits.
  [[nodiscard]] LinearScore score(std::string_view folded, Scratch& scratch) const;

  // The monotone table of the file: a raw value to [0, 1].
  [[nodiscard]] float calibrated(float raw) const;

  // A named number of the file; 0 when it has none of that name.
  [[nodiscard]] float constant(std::string_view name) const;

  [[nodiscard]] const Lexicon& lexicon() const { return lexicon_; }
  [[nodiscard]] std::uint32_t version() const { return version_; }

 private:
  std::uint32_t version_ = 0, bits_ = 0;
  float scale_ = 0, bias_ = 0;
  Lexicon lexicon_;
  std::vector<std::pair<float, float>> calibration_;           // raw, score; both ascending
  std::vector<std::pair<std::string_view, float>> constants_;  // of the file
  const std::int8_t* weights_ = nullptr;                       // 1 << bits_
};

}  // namespace kt::text

#pragma once
// What a linear model sees of a folded text. Training and serving use this file alone.
//
// A word is a run of letters and digits (at most kLongest bytes; Han and Kana: one character each); its
// features: the word (numbers are all the same word, and so are keys and hashes), the pairs and triples it
// ends, its 3- to 5-byte pieces with a mark at both ends, and, if the lexicon knows it, its class and the
// chains of classes it ends within kReach words. A run of punctuation is a feature of the word after it.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "kt/text/scorer.hpp"

namespace kt::text {

inline constexpr float kPieceValue = 1, kWordValue = 1.5F, kClassValue = 2.5F;

class Ngrams {
 public:
  explicit Ngrams(const Lexicon& lexicon) : lexicon_(lexicon) {}

  // feature(hash, value) for each feature, word(class) after each word.
  template <class Feature, class Word>
  void run(std::string_view text, Feature&& feature, Word&& word) {
    for (std::size_t at = 0; at < text.size();) {
      const unsigned kind = kind_of(text, at);
      if (kind == kSpace) {
        ++at;
      } else if (kind == kMark) {
        at = marks(text, at, feature);
      } else {
        const std::size_t end = word_end(text, at, kind);
        word(one_word(text.substr(at, end - at), feature));
        at = end;
      }
    }
  }

  // The key of a word in a lexicon.
  static std::uint32_t stem(std::string_view word);

 private:
  enum Kind : unsigned { kSpace, kMark, kLetter, kIdeograph };
  static constexpr std::size_t kLongest = 24;
  static constexpr std::uint32_t kReach = 12;

  struct Seen {
    std::uint32_t at = 0;
    std::uint8_t word_class = 0;
  };

  static constexpr std::uint64_t mix(std::uint64_t value, std::uint64_t salt) {
    value = (value + salt * 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U;
    return value ^ (value >> 29);
  }

  // Two-byte scripts are letters; of three-byte ones U+2000..2FFF are marks, kana and Han stand alone.
  static unsigned kind_of(std::string_view text, std::size_t at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) return kAsciiKind[c];
    if (c < 0xe2 || c >= 0xea) return c < 0xf0 ? kLetter : kMark;
    if (c == 0xe2) return kMark;
    if (c == 0xe3 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) == 0x80) return kMark;
    return kIdeograph;
  }

  static std::size_t length_of(std::string_view text, std::size_t at) {
    const auto c = static_cast<unsigned char>(text[at]);
    const std::size_t length = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return std::min(length, text.size() - at);
  }

  static std::size_t word_end(std::string_view text, std::size_t at, unsigned kind) {
    if (kind == kIdeograph) return at + length_of(text, at);
    const std::size_t begin = at;
    while (at < text.size() && at - begin < kLongest && kind_of(text, at) == kLetter)
      at += length_of(text, at);
    return at;
  }

  template <class Feature>
  std::size_t marks(std::string_view text, std::size_t at, Feature& feature) {
    std::uint64_t hash = 0;
    std::size_t length = 0;
    for (; at < text.size() && length < 4 && kind_of(text, at) == kMark; ++at, ++length) {
      hash = hash << 8 | static_cast<unsigned char>(text[at]);
    }
    if (length > 1) feature(mix(hash, 9), kPieceValue);
    return at;
  }

  template <class Feature>
  std::uint8_t one_word(std::string_view word, Feature& feature) {
    const std::uint64_t hash = is_number(word) ? 1 : is_code(word) ? 2 : pieces(word, feature);
    feature(mix(hash, 6), kWordValue);
    if (count_ > 0) feature(mix(hash + previous_ * 31, 7), kWordValue);
    if (count_ > 1) feature(mix(hash + previous_ * 31 + before_ * 1009, 8), kWordValue);
    before_ = previous_;
    previous_ = hash;
    const std::uint8_t word_class = classes(word, feature);
    ++count_;
    return word_class;
  }

  // Emits the pieces; the word's hash comes with them.
  template <class Feature>
  static std::uint64_t pieces(std::string_view word, Feature& feature) {
    std::uint64_t rolling = ' ', hash = 0;
    std::size_t seen = 1;
    const auto push = [&](unsigned char c) {
      rolling = rolling << 8 | c;
      ++seen;
      if (seen >= 3) feature(mix(rolling & 0xffffff, 3), kPieceValue);
      if (seen >= 4) feature(mix(rolling & 0xffffffff, 4), kPieceValue);
      if (seen >= 5) feature(mix(rolling & 0xffffffffff, 5), kPieceValue);
    };
    for (const char c : word) {
      push(static_cast<unsigned char>(c));
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    push(' ');
    return hash;
  }

  template <class Feature>
  std::uint8_t classes(std::string_view word, Feature& feature) {
    std::uint8_t found = lexicon_.find(stem(word));
    const bool ideograph = kind_of(word, 0) == kIdeograph;
    if (ideograph && found == 0 && !last_.empty()) found = lexicon_.find(pair_stem(last_, word));
    last_ = ideograph ? word : std::string_view();
    if (found == 0) return 0;
    const auto near = [&](const Seen& other) { return other.word_class != 0 && count_ - other.at <= kReach; };
    feature(mix(found, 10), kClassValue);
    if (near(recent_[0])) feature(mix(found + recent_[0].word_class * 256U, 11), kClassValue);
    if (near(recent_[1])) {
      feature(mix(found + recent_[1].word_class * 256U, 12), kClassValue);
      feature(mix(found + recent_[0].word_class * 256U + recent_[1].word_class * 65536U, 13), kClassValue);
    }
    recent_[1] = recent_[0];
    recent_[0] = {count_, found};
    return found;
  }

  static std::uint32_t pair_stem(std::string_view first, std::string_view second);
  // Keys, hashes and coded data: long, with digits among the letters.
  static bool is_code(std::string_view word) {
    return word.size() >= 20 &&
           std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  }
  static bool is_number(std::string_view word) {
    return std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  }

  static constexpr auto kAsciiKind = [] {
    std::array<std::uint8_t, 128> table{};
    for (int c = 0x21; c < 0x7f; ++c) {
      table[c] = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? kLetter : kMark;
    }
    return table;
  }();

  const Lexicon& lexicon_;
  std::uint64_t previous_ = 0, before_ = 0;
  std::uint32_t count_ = 0;
  std::array<Seen, 2> recent_{};
  std::string_view last_;  // the ideograph right before
};

}  // namespace kt::text

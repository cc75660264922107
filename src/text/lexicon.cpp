#include <algorithm>
#include <array>
#include <bit>

#include "kt/text/fold.hpp"
#include "kt/text/scorer.hpp"
#include "text/ngrams.hpp"

namespace kt::text {
namespace {

constexpr std::uint32_t kSeed = 2166136261U, kPrime = 16777619U;

std::uint32_t add(std::uint32_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  return hash;
}

// Bytes of the stem: six letters, or two of three bytes each.
std::size_t stem_length(std::string_view word) {
  std::size_t at = 0, room = 6;
  while (at < word.size() && room > 0) {
    const auto c = static_cast<unsigned char>(word[at]);
    const std::size_t length = c < 0xc0 ? 1 : c < 0xe0 ? 2 : 3;
    room -= std::min<std::size_t>(room, length == 3 ? 3 : 1);
    at += length;
  }
  return std::min(at, word.size());
}

template <class Take>
void each_part(std::string_view text, char separator, Take&& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

struct Entry {
  std::uint32_t stem;
  std::uint8_t word_class;
};

std::vector<Entry> entries_of(std::string_view lines, std::vector<std::string>& names) {
  std::vector<Entry> entries;
  Folded folded;
  each_part(lines, '\n', [&](std::string_view line) {
    if (line.front() == '#') return;
    names.emplace_back(line.substr(0, line.find(' ')));
    bool name = true;
    each_part(line, ' ', [&](std::string_view word) {
      if (std::exchange(name, false)) return;
      fold(word, {}, folded);
      entries.push_back({Ngrams::stem(folded.text), static_cast<std::uint8_t>(names.size())});
    });
  });
  return entries;
}

}  // namespace

// Of ASCII stems the letters after the first count in any order, so that swapped letters change nothing.
std::uint32_t Ngrams::stem(std::string_view word) {
  const std::string_view stem = word.substr(0, stem_length(word));
  std::array<char, 8> letters{};
  if (stem.size() < 3 || stem.size() > letters.size()) return add(kSeed, stem);
  const auto end = std::copy(stem.begin(), stem.end(), letters.begin());
  if (std::any_of(letters.begin(), end, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return add(kSeed, stem);
  for (auto at = letters.begin() + 2; at < end; ++at) {
    for (auto back = at; back > letters.begin() + 1 && back[-1] > back[0]; --back)
      std::swap(back[-1], back[0]);
  }
  return add(kSeed, {letters.data(), stem.size()});
}

std::uint32_t Ngrams::pair_stem(std::string_view first, std::string_view second) {
  return add(add(kSeed, first), second);
}

std::uint8_t Lexicon::number(std::string_view class_name) const {
  const auto found = std::find(names_.begin(), names_.end(), class_name);
  return found == names_.end() ? 0 : static_cast<std::uint8_t>(found - names_.begin() + 1);
}

Lexicon::Lexicon(std::string_view lines) {
  const auto entries = entries_of(lines, names_);
  if (entries.empty()) return;
  slots_.resize(std::bit_ceil(entries.size() * 2));
  for (const Entry& entry : entries) {
    std::size_t at = entry.stem & (slots_.size() - 1);
    while (slots_[at].word_class != 0 && slots_[at].stem != entry.stem) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at].word_class == 0) slots_[at] = {entry.stem, entry.word_class};
  }
}

}  // namespace kt::text

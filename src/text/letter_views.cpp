// Disguises of folded text that keep its letters in sight.
#include <algorithm>
#include <array>
#include <cstdint>

#include "text/decoders.hpp"

namespace kt::text {
namespace {

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_alnum(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// Letters standing alone, with one and the same mark or blank between them.
struct SpacedRun {
  std::size_t end = 0, letters = 0;
  char separator = '\0';
};

bool alone(std::string_view text, std::size_t at) {
  return at + 1 >= text.size() ||
         !(is_alnum(text[at + 1]) || static_cast<unsigned char>(text[at + 1]) >= 0x80);
}

SpacedRun spaced_run(std::string_view text, std::size_t at) {
  SpacedRun run{at + 1, 1, at + 1 < text.size() ? text[at + 1] : '\0'};
  while (run.end + 1 < text.size() && text[run.end] == run.separator && is_alnum(text[run.end + 1]) &&
         alone(text, run.end + 1)) {
    run.end += 2;
    ++run.letters;
  }
  return run;
}

template <class Take>
void each_run(std::string_view text, Take&& take) {
  for (std::size_t at = 0; at < text.size();) {
    const bool starts = is_alnum(text[at]) && (at == 0 || !is_alnum(text[at - 1])) && alone(text, at);
    if (!starts) {
      ++at;
      continue;
    }
    const SpacedRun run = spaced_run(text, at);
    take(at, run);
    at = run.end;
  }
}

constexpr std::size_t kFewestLetters = 4, kFewestLeet = 2;

constexpr auto kLeet = [] {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<char>(i);
  constexpr std::pair<char, char> kLetters[] = {{'0', 'o'}, {'1', 'i'}, {'!', 'i'}, {'|', 'i'}, {'2', 'z'},
                                                {'3', 'e'}, {'4', 'a'}, {'@', 'a'}, {'5', 's'}, {'$', 's'},
                                                {'6', 'g'}, {'9', 'g'}, {'7', 't'}, {'+', 't'}, {'8', 'b'}};
  for (const auto& [symbol, letter] : kLetters) table[static_cast<unsigned char>(symbol)] = letter;
  return table;
}();

char leet_letter(char c) { return kLeet[static_cast<unsigned char>(c)]; }
bool leet_symbol(char c) { return leet_letter(c) != c; }

constexpr auto kBeforeLetter = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = kLeet[i] != static_cast<char>(i);
  return table;
}();
constexpr auto kIsLetter = [] {
  std::array<std::uint8_t, 256> table{};
  for (int c = 'a'; c <= 'z'; ++c) table[c] = 1;
  return table;
}();
unsigned char byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

struct LeetWord {
  bool letters = false, inside = false;  // has letters; has a symbol before a letter
};

// Written with symbols for letters: one stands before a letter of the word, and a letter before it or two
// symbols.
LeetWord survey(std::string_view word) {
  LeetWord found;
  std::size_t symbols = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    symbols += leet_symbol(word[i]);
    if (!is_letter(word[i])) continue;
    if (i > 0 && leet_symbol(word[i - 1]) && (found.letters || symbols > 1)) found.inside = true;
    found.letters = true;
  }
  return found;
}

// Log of how much more likely a letter of English is than the letter 13 places on, in sixteenths.
constexpr std::array<std::int8_t, 26> kRot13Gain = [] {
  std::array<std::int8_t, 26> gain{3, -26, 6, 40, 12, -17, -24, 12, 31, -44, 26, 11, 40,
                                   0, 0,   0, 0,  0,  0,   0,   0,  0,  0,   0,  0,  0};
  for (std::size_t i = 0; i < 13; ++i) gain[i + 13] = static_cast<std::int8_t>(-gain[i]);
  return gain;
}();
constexpr int kRot13Enough = 16 * 9;

// The stretch whose letters gain most by being turned, at word boundaries.
std::string_view rot13_stretch(std::string_view text) {
  int sum = 0, best = 0;
  std::size_t begin = 0, best_begin = 0, best_end = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_letter(text[at])) {
      sum -= kRot13Gain[text[at] - 'a'];
      continue;
    }
    if (sum > best) {
      best = sum;
      best_begin = begin;
      best_end = at;
    }
    if (sum <= 0) {
      sum = 0;
      begin = at + 1;
    }
  }
  if (sum > best) {
    best = sum;
    best_begin = begin;
    best_end = text.size();
  }
  return best >= kRot13Enough ? text.substr(best_begin, best_end - best_begin) : std::string_view();
}

constexpr std::string_view kBackward[] = {
    "eht",  "dna",  "uoy",    "ruoy", "siht", "taht", "htiw",   "morf",   "lla",      "era",         "tahw",
    "lliw", "esle", "erongi", "yas",  "emos", "nehw", "metsys", "tpmorp", "suoiverp", "snoitcurtsni"};

// Which first and last letters those words have: one look rules out nearly every word.
constexpr auto kBackwardEnds = [] {
  std::array<bool, 1024> table{};
  for (const std::string_view word : kBackward) table[(word.front() & 31) * 32 + (word.back() & 31)] = true;
  return table;
}();

bool backward_word(std::string_view word) {
  return word.size() >= 3 && kBackwardEnds[(word.front() & 31) * 32 + (word.back() & 31)] &&
         std::find(std::begin(kBackward), std::end(kBackward), word) != std::end(kBackward);
}

// Code points of bytes [begin, end) in reverse.
void append_reversed(std::string& out, std::string_view text) {
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) --begin;
    out.append(text.substr(begin, end - begin));
    end = begin;
  }
}

template <class Inside, class Take>
void each_word(std::string_view text, Inside inside, Take&& take) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    while (at < text.size() && inside(text[at])) ++at;
    if (at > begin) take(begin, text.substr(begin, at - begin));
    if (at == begin) ++at;
  }
}

}  // namespace

std::string join_spaced_letters(std::string_view folded) {
  bool spaced = false;
  each_run(folded, [&](std::size_t, const SpacedRun& run) { spaced |= run.letters >= kFewestLetters; });
  if (!spaced) return {};
  std::string out;
  std::size_t copied = 0;
  each_run(folded, [&](std::size_t at, const SpacedRun& run) {
    if (run.letters < 2) return;
    out.append(folded, copied, at - copied);
    for (std::size_t i = at; i < run.end; i += 2) out += folded[i];
    copied = run.end;
  });
  out.append(folded, copied);
  return out;
}

std::string undo_leet(std::string_view folded) {
  // Most texts have no symbol before a letter: one look at each byte instead of one at each word.
  std::size_t symbols = 0, disguised = 0;
  for (std::size_t at = 1; at < folded.size(); ++at)
    symbols += kBeforeLetter[byte(folded, at - 1)] & kIsLetter[byte(folded, at)];
  if (symbols < kFewestLeet) return {};
  const auto inside = [](char c) { return is_letter(c) || leet_symbol(c); };
  each_word(folded, inside, [&](std::size_t, std::string_view word) { disguised += survey(word).inside; });
  if (disguised < kFewestLeet) return {};
  std::string out(folded);
  each_word(folded, inside, [&](std::size_t at, std::string_view word) {
    // Marks at a word's end are punctuation.
    std::size_t end = word.size();
    while (end > 0 && !is_alnum(word[end - 1])) --end;
    for (std::size_t i = 0; i < end; ++i) out[at + i] = leet_letter(word[i]);
  });
  return out;
}

std::string undo_rot13(std::string_view folded) {
  std::string out(rot13_stretch(folded));
  for (char& c : out) {
    if (is_letter(c)) c = static_cast<char>((c - 'a' + 13) % 26 + 'a');
  }
  return out;
}

Reversed undo_reversal(std::string_view folded) {
  std::size_t hits = 0;
  each_word(folded, is_letter, [&](std::size_t, std::string_view word) { hits += backward_word(word); });
  if (hits < 2) return {};
  Reversed out;
  append_reversed(out.whole, folded);
  out.words = folded;
  each_word(folded, is_letter, [&](std::size_t at, std::string_view word) {
    std::reverse(out.words.begin() + static_cast<std::ptrdiff_t>(at),
                 out.words.begin() + static_cast<std::ptrdiff_t>(at + word.size()));
  });
  return out;
}

}  // namespace kt::text

#pragma once
// The terms as one trie over canonical characters: words joined by single spaces.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kt/text/terms.hpp"

namespace kt::text {

using NodeId = std::uint32_t;
inline constexpr NodeId kRoot = 0, kNoNode = 0xffffffff;

struct TermNode {
  std::uint64_t children = 0;              // one bit per ASCII character of the alphabet, see alphabet_bit()
  NodeId first_child = 0;                  // ASCII children stand in a row, in the order of their bits
  std::int32_t term = -1;                  // the term that ends here
  std::uint32_t words = 0, words_end = 0;  // FuzzyWords that begin here
};

// One word of a term, for words that are nearly it.
struct FuzzyWord {
  std::u32string text;
  std::uint64_t signature = 0;
  NodeId end = 0;          // the node after it
  std::uint8_t limit = 0;  // edits it takes
};

struct TermInfo {
  std::uint16_t kind = 0;
  std::uint8_t max_distance = 0;
  std::uint8_t letters = 0;  // characters without the spaces, at most 255
  bool capitals = false;
};

struct TermFinder::Tables {
  std::vector<TermNode> nodes;
  std::vector<TermInfo> terms;
  std::vector<FuzzyWord> fuzzy;
  std::unordered_map<std::uint64_t, NodeId> beyond_ascii;  // (node, character) -> child
  std::size_t longest_fuzzy = 0;                           // characters of a text's word that may be near one
  std::size_t longest_signs = 0;  // signs for letters in a row that a term can begin with

  // By the first character of a text's word: the second characters with which a term can begin, kSpaceBit
  // when the word has one character.
  std::array<std::uint64_t, 36> beginnings{};

  [[nodiscard]] NodeId child(NodeId node, char32_t value) const;
};

inline constexpr int kSpaceBit = 36;

// a-z, 0-9, space; -1: another character.
inline int alphabet_bit(char32_t value) {
  if (value >= 'a' && value <= 'z') return static_cast<int>(value - 'a');
  if (value >= '0' && value <= '9') return static_cast<int>(value - '0') + 26;
  return value == ' ' ? kSpaceBit : -1;
}

// The letters that a digit or sign stands for.
inline constexpr auto kLeet = [] {
  std::array<std::array<char, 2>, 128> table{};
  table['0'] = {'o', 0};
  table['1'] = {'i', 'l'};
  table['3'] = {'e', 0};
  table['4'] = {'a', 0};
  table['5'] = {'s', 0};
  table['7'] = {'t', 0};
  table['8'] = {'b', 0};
  table['@'] = {'a', 0};
  table['$'] = {'s', 0};
  table['!'] = {'i', 'l'};
  table['|'] = {'l', 'i'};
  return table;
}();

inline bool is_leet(char32_t value) { return value < 128 && kLeet[value][0] != 0; }

inline NodeId TermFinder::Tables::child(NodeId node, char32_t value) const {
  const int bit = alphabet_bit(value);
  if (bit >= 0) {
    const std::uint64_t children = nodes[node].children, mask = std::uint64_t{1} << bit;
    if ((children & mask) == 0) return kNoNode;
    return nodes[node].first_child + static_cast<NodeId>(__builtin_popcountll(children & (mask - 1)));
  }
  if (beyond_ascii.empty()) return kNoNode;
  const auto found = beyond_ascii.find(std::uint64_t{node} << 32 | value);
  return found == beyond_ascii.end() ? kNoNode : found->second;
}

// Words joined by single spaces; empty: no letter or digit.
std::u32string canonical(std::string_view term);

// Edits that one word of a term takes.
std::uint8_t word_limit(std::size_t characters, unsigned max_distance);

}  // namespace kt::text

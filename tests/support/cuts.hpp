#pragma once
// A finder run over a text in pieces, as a stream brings it.

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "kt/text/window.hpp"

namespace kt::test {

struct Piece {
  std::size_t begin, end;
  std::uint16_t kind;
  friend bool operator==(const Piece&, const Piece&) = default;
};

inline bool code_point_begins(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
}

// Feeds text[0, cut) for every cut in turn, keeping no more context than a stream keeps. `most_held`: the
// most bytes that were undecided after a piece that was not the last.
inline std::vector<Piece> find_in_pieces(const text::Finder& finder, std::string_view text,
                                         const std::vector<std::size_t>& cuts,
                                         std::size_t* most_held = nullptr) {
  std::vector<Piece> out;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const bool end = i == cuts.size();
    const std::size_t until = end ? text.size() : cuts[i];
    for (;;) {
      std::size_t drop = from > text::kContext ? from - text::kContext : 0;
      while (drop > 0 && !code_point_begins(text, drop)) --drop;
      const text::Found found = finder.next({text.substr(drop, until - drop), from - drop, end});
      if (!found.match) {
        from = drop + found.safe;
        break;
      }
      out.push_back({drop + found.match->begin, drop + found.match->end, found.match->kind});
      from = drop + found.match->end;
    }
    if (!end && most_held != nullptr && until - from > *most_held) *most_held = until - from;
  }
  return out;
}

inline std::vector<Piece> find_whole(const text::Finder& finder, std::string_view text) {
  return find_in_pieces(finder, text, {});
}

inline std::vector<std::size_t> every_code_point(std::string_view text) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (code_point_begins(text, i)) cuts.push_back(i);
  }
  return cuts;
}

inline std::vector<std::size_t> random_cuts(std::string_view text, std::mt19937& random) {
  std::vector<std::size_t> cuts;
  for (const std::size_t at : every_code_point(text)) {
    if (random() % 7 == 0) cuts.push_back(at);
  }
  return cuts;
}

}  // namespace kt::test

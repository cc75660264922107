#pragma once
// Byte pair merging of one piece that is no token itself: the neighbours whose union has the lowest rank are
// joined, the leftmost first, until nothing can be joined.

#include "tokens/ranks.hpp"

namespace kt::tokens {

std::size_t merged_count(const Ranks& ranks, std::string_view piece);
void merged_ranks(const Ranks& ranks, std::string_view piece, std::vector<std::uint32_t>& out);

}  // namespace kt::tokens

#pragma once
// Shares out by weight without any state but a turn: consecutive multiples of the golden ratio, taken modulo
// one, fall evenly into every interval, so each candidate gets its share of any run of turns and never a
// burst.

#include <cstdint>

#include "kt/routing/strategy.hpp"

namespace kt::routing {

// [0, 1)
inline double golden(std::uint64_t turn) {
  return static_cast<double>((turn * 0x9E3779B97F4A7C15ull) >> 11) * 0x1p-53;
}

// The candidate at that point of the weights laid end to end. Without any weight: all count the same.
std::size_t at_point(Choices choices, double point);

}  // namespace kt::routing

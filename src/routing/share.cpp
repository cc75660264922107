#include "routing/share.hpp"

#include <algorithm>

namespace kt::routing {

std::size_t at_point(Choices choices, double point) {
  double sum = 0;
  for (const Candidate* each : choices) sum += each->weight;
  if (sum <= 0) {
    const auto index = static_cast<std::size_t>(point * static_cast<double>(choices.size()));
    return std::min(index, choices.size() - 1);
  }
  double left = point * sum;
  std::size_t last = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i]->weight <= 0) continue;
    last = i;
    if (left < choices[i]->weight) break;
    left -= choices[i]->weight;
  }
  return last;
}

}  // namespace kt::routing

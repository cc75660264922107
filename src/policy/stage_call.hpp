#pragma once
// One call of a stage, with what the chain owes to it: time measured, failures caught.

#include <optional>

#include "kt/base/clock.hpp"
#include "kt/policy/chain.hpp"

namespace kt::policy {

// The verdict, or none: the stage threw or took longer than its budget.
template <class Call>
std::optional<Verdict> call_stage(const Chain& chain, Report& report, const Call& call) {
  const auto began = system_clock().steady();
  std::optional<Verdict> verdict;
  try {
    verdict = call();
  } catch (const std::exception&) {
    // Whatever it was: the fail mode decides.
  }
  const auto took = system_clock().steady() - began;
  report.time += took;
  if (took > chain.budget) verdict.reset();
  return verdict;
}

inline bool ends(Verdict verdict) { return verdict == Verdict::block || verdict == Verdict::escalate; }

}  // namespace kt::policy

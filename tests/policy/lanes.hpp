#pragma once
// Runs a policy over one lane, whole or in pieces.

#include <string>
#include <string_view>
#include <vector>

#include "kt/policy/make.hpp"

namespace kt::policy::test {

struct Collected : Sink {
  void pass(std::string_view part) override { text += part; }
  void replace(std::string_view original, std::string_view marker) override {
    removed.emplace_back(original);
    text += marker;
  }
  std::string text;
  std::vector<std::string> removed;
};

struct Outcome {
  Verdict verdict = Verdict::allow;
  std::string text;  // what passed
  Report report;
};

// The pieces end at `cuts`.
inline Outcome run(const Policy& policy, Phase phase, std::string_view text,
                   const std::vector<std::size_t>& cuts = {}, llm::Role role = llm::Role::user) {
  Outcome outcome;
  const auto stage = policy.start({phase, outcome.report});
  Collected out;
  std::size_t at = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t end = i == cuts.size() ? text.size() : cuts[i];
    const Verdict verdict = stage->take({0, role}, text.substr(at, end - at), i == cuts.size(), out);
    at = end;
    outcome.verdict = std::max(outcome.verdict, verdict);
    if (verdict == Verdict::block || verdict == Verdict::escalate) break;
  }
  if (outcome.verdict < Verdict::block) outcome.verdict = std::max(outcome.verdict, stage->finish());
  outcome.verdict = std::max(outcome.verdict, outcome.report.verdict);
  outcome.text = out.text;
  return outcome;
}

inline std::vector<std::size_t> code_points(std::string_view text) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) cuts.push_back(i);
  return cuts;
}

}  // namespace kt::policy::test

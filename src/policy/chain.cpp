#include "kt/policy/chain.hpp"

#include <nlohmann/json.hpp>

#include "kt/policy/make.hpp"

namespace kt::policy {
namespace {

config::Position place_of(const config::PolicyBlock& block, const std::string& field) {
  const auto found = block.positions.find(field);
  return found == block.positions.end() ? block.position : found->second;
}

}  // namespace

Chain build_chain(const config::Config& config, const std::vector<std::string>& files,
                  std::vector<config::Diagnostic>& problems) {
  Chain chain;
  for (const std::string& kind : config.chain) {
    const config::PolicyBlock& block = config.policies.at(kind);
    std::vector<Problem> found;
    std::unique_ptr<Policy> policy = make_policy(block, found);
    for (Problem& problem : found) {
      const config::Position place = place_of(block, problem.field);
      problems.push_back({config::Diagnostic::Severity::error, "E210", "policy." + kind + "." + problem.field,
                          std::move(problem.message), std::move(problem.suggestion),
                          place.file < files.size() ? files[place.file] : std::string(), place});
    }
    if (!policy) continue;
    const bool enforced = nlohmann::json::parse(block.fields).value("enforce", true);
    chain.entries.push_back({std::move(policy), enforced});
  }
  return chain;
}

PolicyReport& ChainRun::open_report(const Entry& entry, Phase phase) {
  PolicyReport& report = reports_.emplace_back();
  report.entry = &entry;
  report.phase = phase;
  return report;
}

void ChainRun::note(const Entry& entry, Verdict verdict) {
  if (!entry.enforced || verdict <= verdict_) return;
  verdict_ = verdict;
  deciding_ = entry.policy.get();
}

void ChainRun::released(const Decision& decision, std::uint64_t bytes) {
  for (PolicyReport& report : reports_) {
    if (report.phase == Phase::stream && report.entry->policy.get() == decision.policy)
      report.report.released = bytes;
  }
}

bool ChainRun::fails(PolicyReport& report) {
  report.failed = true;
  return report.entry->enforced && chain_.fail_mode == FailMode::block;
}

}  // namespace kt::policy

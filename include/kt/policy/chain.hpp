#pragma once
// The chain of policies, compiled with the configuration, and its run over one exchange.

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kt/config/load.hpp"
#include "kt/llm/lane_text.hpp"
#include "kt/llm/lanes.hpp"
#include "kt/policy/policy.hpp"
#include "kt/policy/vault.hpp"

namespace kt::policy {

enum class FailMode : unsigned char { block, allow };

struct Entry {
  std::unique_ptr<const Policy> policy;
  bool enforced = true;    // false: judged and recorded, not applied
  std::size_t series = 0;  // of the metrics
};

// Immutable, shared by all exchanges of a snapshot.
struct Chain {
  std::vector<Entry> entries;  // in order of execution
  FailMode fail_mode = FailMode::block;
  std::chrono::nanoseconds budget = std::chrono::seconds(1);  // of one policy for one text
};

// Builds the policies of `config.chain`. What cannot be enforced becomes an error with its place in one of
// `files`.
Chain build_chain(const config::Config& config, const std::vector<std::string>& files,
                  std::vector<config::Diagnostic>& problems);

// What a review decided.
struct Decision {
  enum class Kind : unsigned char {
    pass,
    verdict,  // a policy blocked or escalated
    failed,   // a policy failed, and the fail mode is block
    garbage,  // the upstream's text is no JSON
  } kind = Kind::pass;
  const Policy* policy = nullptr;  // whose verdict or failure it is
  Verdict verdict = Verdict::allow;
  bool edited = false;
  [[nodiscard]] bool passed() const { return kind == Kind::pass; }
};

struct PolicyReport {
  const Entry* entry = nullptr;
  Phase phase = Phase::request;
  Report report;
  bool failed = false;
};

// One text that a policy has judged, for explanations.
struct Observed {
  const Entry* entry;
  std::size_t lane;                     // index into Lanes::texts
  Verdict verdict;                      // redact when there are edits
  const std::vector<llm::Edit>& edits;  // of the text the policy was given
};

// What the policies of one exchange know and found. One thread.
class ChainRun {
 public:
  explicit ChainRun(const Chain& chain) : chain_(chain) {}
  ChainRun(const ChainRun&) = delete;
  ChainRun& operator=(const ChainRun&) = delete;

  [[nodiscard]] const Chain& chain() const { return chain_; }

  // Judges all lanes of a whole document and splices edits into it.
  Decision review(Phase phase, std::string_view document, const llm::Lanes& lanes, std::string& edited);

  [[nodiscard]] const std::list<PolicyReport>& reports() const { return reports_; }
  // The strongest verdict so far, and whose it is.
  [[nodiscard]] Verdict verdict() const { return verdict_; }
  [[nodiscard]] const Policy* deciding() const { return deciding_; }

  // For explanations: called for every text a policy has judged.
  std::function<void(const Observed&)> observe;

 private:
  friend class StreamReview;
  friend class WholeReview;

  PolicyReport& open_report(const Entry& entry, Phase phase);
  void drop_report() { reports_.pop_back(); }
  // A policy in the shadow puts no marker into the request, so nothing of it may come back.
  Vault* vault(const Entry& entry) { return entry.enforced ? &vault_ : nullptr; }
  void note(const Entry& entry, Verdict verdict);
  // How much text had passed when a stream's verdict fell.
  void released(const Decision& decision, std::uint64_t bytes);
  // A policy that threw or took too long: true when the exchange must end.
  bool fails(PolicyReport& report);

  const Chain& chain_;
  Vault vault_;  // what the request's markers stand for
  std::list<PolicyReport> reports_;  // stages keep references; an empty list costs nothing
  Verdict verdict_ = Verdict::allow;
  const Policy* deciding_ = nullptr;
};

}  // namespace kt::policy

#pragma once
// What a configuration would have decided for a recorded request, as far as its record can tell: the record
// has scores and what was found, never the text.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kt/config/config.hpp"

namespace kt::cli {

struct Judged {
  std::string before, after;         // verdicts, or codes of errors
  std::string because;               // empty = nothing changes
  std::vector<std::string> unknown;  // policies whose new verdict the record cannot tell
};

class ReplayJudge {
 public:
  explicit ReplayJudge(const config::Config& config);

  // `record`: a request.completed. Null when it was decided under this very configuration.
  [[nodiscard]] std::optional<Judged> judge(const nlohmann::ordered_json& record) const;

 private:
  struct Rule {
    std::string kind, action = "block";  // log = found and let through
    std::optional<double> threshold;     // of the score
    bool own_patterns = false;           // may find what the score does not
  };
  struct Outcome {
    std::string verdict = "allow", because;
    bool known = true;
  };
  Outcome apply(const Rule& rule, const nlohmann::ordered_json& results) const;
  Outcome scored(const Rule& rule, const nlohmann::ordered_json& result) const;
  // The refusal a request would meet before any policy, or an empty code.
  [[nodiscard]] std::string refusal(const nlohmann::ordered_json& record) const;

  std::string sha256_;
  std::vector<Rule> rules_;  // in order of the chain
  std::set<std::string, std::less<>> models_, consumers_;
};

}  // namespace kt::cli

// Precision and recall of verdicts over whole texts, and the recall at one per cent false positives.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>

#include "cli/eval.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

double part(std::size_t of, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(of) / static_cast<double>(whole);
}

// The least score that at most one per cent of `negative` exceed or reach.
float one_percent(std::vector<float> negative) {
  if (negative.empty()) return std::numeric_limits<float>::infinity();
  std::sort(negative.begin(), negative.end(), std::greater<>());
  return std::nextafter(negative[negative.size() / 100], std::numeric_limits<float>::infinity());
}

std::size_t reaching(const std::vector<float>& scores, float least) {
  return static_cast<std::size_t>(
      std::count_if(scores.begin(), scores.end(), [least](float score) { return score >= least; }));
}

}  // namespace

void ScoreTable::add(const Sample& sample, const Outcome& outcome) {
  for (const std::string& source : {sample.source, std::string("all")}) {
    Tally& tally = tallies_[source];
    if (sample.positive) {
      ++(outcome.flagged ? tally.hit : tally.missed);
    } else {
      ++(outcome.flagged ? tally.wrong : tally.passed);
    }
    if (outcome.score >= 0) (sample.positive ? tally.positive : tally.negative).push_back(outcome.score);
  }
}

// The threshold at one per cent is the pooled one: most sources have texts of one label only.
Json ScoreTable::json() const {
  Json out = Json::object();
  const auto pooled = tallies_.find("all");
  if (pooled == tallies_.end()) return out;
  const float threshold = one_percent(pooled->second.negative);
  for (const auto& [source, tally] : tallies_) {
    Json& row = out[source];
    row = {{"positive", tally.hit + tally.missed},
           {"negative", tally.wrong + tally.passed},
           {"precision", part(tally.hit, tally.hit + tally.wrong)},
           {"recall", part(tally.hit, tally.hit + tally.missed)},
           {"f1", part(2 * tally.hit, 2 * tally.hit + tally.wrong + tally.missed)},
           {"false_positive_rate", part(tally.wrong, tally.wrong + tally.passed)},
           {"recall_at_1_percent", nullptr},
           {"threshold_at_1_percent", nullptr}};
    if (pooled->second.negative.empty() || tally.positive.empty()) continue;
    row["recall_at_1_percent"] = part(reaching(tally.positive, threshold), tally.positive.size());
    row["threshold_at_1_percent"] = threshold;
  }
  return out;
}

void ScoreTable::print() const {
  const Json all = json();
  std::printf("%-26s %8s %8s %9s %7s %7s %8s %9s\n", "source", "positive", "negative", "precision", "recall",
              "f1", "fp rate", "r at 1 %");
  for (const auto& [source, row] : all.items()) {
    std::printf("%-26s %8zu %8zu %9.3f %7.3f %7.3f %8.4f ", source.c_str(),
                row["positive"].get<std::size_t>(), row["negative"].get<std::size_t>(),
                row["precision"].get<double>(), row["recall"].get<double>(), row["f1"].get<double>(),
                row["false_positive_rate"].get<double>());
    if (row["recall_at_1_percent"].is_null()) {
      std::printf("%9s\n", "-");
    } else {
      std::printf("%9.3f\n", row["recall_at_1_percent"].get<double>());
    }
  }
}

}  // namespace kt::cli

// Precision and recall of found spans: same class, and half of the longer one is common.
#include <algorithm>
#include <cstdio>

#include "cli/eval.hpp"

namespace kt::cli {
namespace {

bool same(const TypedSpan& a, const TypedSpan& b) {
  if (a.type != b.type) return false;
  const std::size_t begin = std::max(a.begin, b.begin), end = std::min(a.end, b.end);
  return end > begin && 2 * (end - begin) >= std::max(a.end - a.begin, b.end - b.begin);
}

double part(std::size_t of, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(of) / static_cast<double>(whole);
}

}  // namespace

void SpanTable::count(const std::string& source, const std::string& type, std::size_t Tally::*what) {
  ++(tallies_[source][type].*what);
  ++(tallies_["all"][type].*what);
}

void SpanTable::add(const Sample& sample, const Outcome& outcome) {
  if (!sample.positive) {
    for (const std::string& source : {sample.source, std::string("all")}) {
      Plain& plain = plain_[source];
      ++plain.texts;
      plain.spans += outcome.found.size();
      plain.flagged += outcome.found.empty() ? 0 : 1;
    }
  }
  if (!sample.annotated) return;
  if (sample.unlocated) {
    if (sample.scope.size() == 1)
      count(sample.source, sample.scope[0], outcome.found.empty() ? &Tally::missed : &Tally::hit);
    return;
  }
  std::vector<bool> used(sample.gold.size());
  for (const TypedSpan& found : outcome.found) {
    std::size_t i = 0;
    while (i < used.size() && (used[i] || !same(found, sample.gold[i]))) ++i;
    if (i < used.size()) {
      used[i] = true;
      count(sample.source, found.type, &Tally::hit);
    } else if (std::find(sample.scope.begin(), sample.scope.end(), found.type) != sample.scope.end()) {
      count(sample.source, found.type, &Tally::wrong);
    }
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) count(sample.source, sample.gold[i].type, &Tally::missed);
  }
}

nlohmann::ordered_json SpanTable::json() const {
  nlohmann::ordered_json out{{"spans", nlohmann::ordered_json::object()},
                             {"ordinary", nlohmann::ordered_json::object()}};
  for (const auto& [source, types] : tallies_) {
    for (const auto& [type, tally] : types) {
      out["spans"][source][type] = {{"gold", tally.hit + tally.missed},
                                    {"found", tally.hit},
                                    {"false", tally.wrong},
                                    {"precision", part(tally.hit, tally.hit + tally.wrong)},
                                    {"recall", part(tally.hit, tally.hit + tally.missed)},
                                    {"f1", part(2 * tally.hit, 2 * tally.hit + tally.wrong + tally.missed)}};
    }
  }
  for (const auto& [source, plain] : plain_) {
    out["ordinary"][source] = {{"texts", plain.texts},
                               {"false_spans", plain.spans},
                               {"flagged", plain.flagged},
                               {"false_spans_per_1000", 1000 * part(plain.spans, plain.texts)}};
  }
  return out;
}

void SpanTable::print() const {
  const auto all = json();
  std::printf("%-26s %-22s %6s %6s %6s %9s %7s %7s\n", "source", "type", "gold", "found", "false",
              "precision", "recall", "f1");
  for (const auto& [source, types] : all["spans"].items()) {
    for (const auto& [type, row] : types.items()) {
      std::printf("%-26s %-22s %6zu %6zu %6zu %9.3f %7.3f %7.3f\n", source.c_str(), type.c_str(),
                  row["gold"].get<std::size_t>(), row["found"].get<std::size_t>(),
                  row["false"].get<std::size_t>(), row["precision"].get<double>(),
                  row["recall"].get<double>(), row["f1"].get<double>());
    }
  }
  std::printf("\n%-26s %6s %11s %7s %8s\n", "texts with nothing", "texts", "false spans", "flagged",
              "per 1000");
  for (const auto& [source, row] : all["ordinary"].items()) {
    std::printf("%-26s %6zu %11zu %7zu %8.2f\n", source.c_str(), row["texts"].get<std::size_t>(),
                row["false_spans"].get<std::size_t>(), row["flagged"].get<std::size_t>(),
                row["false_spans_per_1000"].get<double>());
  }
}

}  // namespace kt::cli

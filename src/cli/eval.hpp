#pragma once
// What `kt policy eval` measures: one labelled text through one policy, and the tables made of it.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "kt/policy/policy.hpp"

namespace kt::cli {

// A stretch of a text, in bytes, and what it is. `type` is the class both sides are mapped to
// (eval_types.cpp).
struct TypedSpan {
  std::size_t begin = 0, end = 0;
  std::string type;
};

// A line of the labelled data.
struct Sample {
  std::string text, source, kind;
  bool positive = false;
  bool annotated = false;       // has a list of spans
  bool unlocated = false;       // positive, but nobody wrote down where
  std::vector<TypedSpan> gold;  // of mapped types only
  std::vector<std::string> scope;
};

// What the policy said of it.
struct Outcome {
  bool flagged = false;
  float score = -1;  // -1: the policy does not score
  std::vector<TypedSpan> found;
};

// The class of a data set's type or of a policy's own type; empty: nothing that the policies claim.
std::string_view eval_type(std::string_view type);

// False: no line of the labelled data.
bool read_sample(const std::string& line, Sample& out);

Outcome run_policy(const policy::Policy& policy, const Sample& sample);

class SpanTable {
 public:
  void add(const Sample& sample, const Outcome& outcome);
  [[nodiscard]] nlohmann::ordered_json json() const;
  void print() const;

 private:
  struct Tally {
    std::size_t hit = 0, missed = 0, wrong = 0;
  };
  struct Plain {
    std::size_t texts = 0, spans = 0, flagged = 0;  // of texts without anything to find
  };
  void count(const std::string& source, const std::string& type, std::size_t Tally::*what);

  std::map<std::string, std::map<std::string, Tally>> tallies_;  // source ("all" too) -> type
  std::map<std::string, Plain> plain_;                           // source
};

class ScoreTable {
 public:
  void add(const Sample& sample, const Outcome& outcome);
  [[nodiscard]] nlohmann::ordered_json json() const;
  void print() const;

 private:
  struct Tally {
    std::size_t hit = 0, missed = 0, wrong = 0, passed = 0;
    std::vector<float> positive, negative;  // scores
  };
  std::map<std::string, Tally> tallies_;  // source, "all"
};

}  // namespace kt::cli

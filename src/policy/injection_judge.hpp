#pragma once
// From a text to one calibrated score: the text and its decoded views are read alike, the worst counts.

#include "kt/llm/lane.hpp"
#include "kt/policy/report.hpp"
#include "kt/text/fold.hpp"
#include "kt/text/scorer.hpp"
#include "kt/text/views.hpp"
#include "policy/injection_signals.hpp"

namespace kt::policy {

// One way a text can be read.
struct Reading {
  std::string_view view;  // empty: as it stands
  text::LinearScore linear;
  Signals signals{};
};

struct JudgeOptions {
  text::FoldOptions fold;
  bool decode = true;
  SignalOptions signals;
};

// Working memory of one thread.
struct JudgeScratch {
  text::Folded folded;
  text::Views views;
  text::LinearModel::Scratch linear;
  std::vector<Reading> readings;
};

class InjectionJudge {
 public:
  InjectionJudge(const text::LinearModel& model, const JudgeOptions& options);

  // All readings of the text, into scratch.readings.
  void read(std::string_view text, JudgeScratch& scratch) const;

  // Log odds of one reading: the model's weights over its numbers and signals.
  [[nodiscard]] float raw(const Reading& reading, llm::Role role) const;

  // Reads and judges: the highest calibrated score, and with `why` what it came from, strongest first.
  [[nodiscard]] float score(std::string_view text, llm::Role role, JudgeScratch& scratch,
                            std::vector<Report::Signal>* why) const;

 private:
  [[nodiscard]] float wording(const Reading& reading) const;
  void explain(const Reading& reading, std::vector<Report::Signal>& why) const;

  const text::LinearModel& model_;
  JudgeOptions options_;
  SignalReader signals_;
  float base_, peak_, local_, whole_, length_, third_party_, addressed_, answer_;
  std::array<float, kSignals> weights_{};
};

// The model built into the binary.
const text::LinearModel& injection_model();

}  // namespace kt::policy

#include "policy/injection_judge.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace kt::embedded {
std::string_view injection_model();
}

namespace kt::policy {
namespace {

// Of long texts some window looks like anything; 512 words are long.
float length(const Reading& reading) {
  return std::log2(1 + static_cast<float>(std::min(reading.linear.words, 512U)) / 16);
}

bool on(const Reading& reading, Signal signal) { return reading.signals[static_cast<std::size_t>(signal)]; }

// A few words prove little: their wording counts in proportion, on top of what ordinary prompts say.
constexpr float kEnoughWords = 8, kOrdinary = -1.5F;

}  // namespace

const text::LinearModel& injection_model() {
  static const text::LinearModel model = [] {
    auto read = text::LinearModel::read(embedded::injection_model());
    return read ? std::move(*read) : text::LinearModel();
  }();
  return model;
}

InjectionJudge::InjectionJudge(const text::LinearModel& model, const JudgeOptions& options)
    : model_(model),
      options_(options),
      signals_(model.lexicon(), options.signals),
      base_(model.constant("base")),
      peak_(model.constant("peak")),
      local_(model.constant("local")),
      whole_(model.constant("whole")),
      length_(model.constant("length")),
      third_party_(model.constant("third_party")),
      addressed_(model.constant("third_party.addressed")),
      answer_(model.constant("answer")) {
  for (std::size_t i = 0; i < kSignals; ++i) weights_[i] = model.constant(name_of(static_cast<Signal>(i)));
}

void InjectionJudge::read(std::string_view text, JudgeScratch& scratch) const {
  scratch.readings.clear();
  text::fold(text, options_.fold, scratch.folded);
  const auto take = [&](std::string_view view, std::string_view folded) {
    Reading& reading = scratch.readings.emplace_back();
    reading.view = view;
    reading.linear = model_.score(folded, scratch.linear);
    reading.signals = signals_.read(folded, scratch.linear.hits);
  };
  take({}, scratch.folded.text);
  scratch.readings[0].signals[static_cast<std::size_t>(Signal::disguised)] = scratch.folded.disguised;
  if (!options_.decode) return;
  text::decoded_views(text, scratch.folded.text, options_.fold, scratch.views);
  for (const text::View& view : scratch.views.list) take(view.name, view.text);
  // Letters that only look scattered are no words: the text is judged by what it says.
  const auto& views = scratch.views.list;
  if (std::any_of(views.begin(), views.end(), [](const text::View& view) { return view.whole; })) {
    scratch.readings.erase(scratch.readings.begin());
  }
}

float InjectionJudge::wording(const Reading& reading) const {
  const float said = peak_ * reading.linear.peak + local_ * reading.linear.local + whole_ * reading.linear.whole;
  const float evidence = std::min(1.0F, static_cast<float>(reading.linear.words) / kEnoughWords);
  return std::min(said, kOrdinary + (said - kOrdinary) * evidence);
}

float InjectionJudge::raw(const Reading& reading, llm::Role role) const {
  float sum = base_ + wording(reading) + length_ * length(reading);
  for (std::size_t i = 0; i < kSignals; ++i) sum += reading.signals[i] ? weights_[i] : 0;
  if (role == llm::Role::tool || role == llm::Role::document) {
    sum += third_party_ + (on(reading, Signal::addressed) ? addressed_ : 0);
  }
  return role == llm::Role::assistant ? sum + answer_ : sum;
}

float InjectionJudge::score(std::string_view text, llm::Role role, JudgeScratch& scratch,
                            std::vector<Report::Signal>* why) const {
  read(text, scratch);
  const auto worst =
      std::max_element(scratch.readings.begin(), scratch.readings.end(),
                       [&](const auto& a, const auto& b) { return raw(a, role) < raw(b, role); });
  if (why != nullptr) explain(*worst, *why);
  return model_.calibrated(raw(*worst, role));
}

void InjectionJudge::explain(const Reading& reading, std::vector<Report::Signal>& why) const {
  why.clear();
  for (std::size_t i = 0; i < kSignals; ++i) {
    if (reading.signals[i]) why.push_back({name_of(static_cast<Signal>(i)), weights_[i]});
  }
  why.push_back({"wording", wording(reading)});
  if (!reading.view.empty()) why.push_back({reading.view, 0});
  std::stable_sort(why.begin(), why.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
}

}  // namespace kt::policy

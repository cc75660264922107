#pragma once
// The simplest policy there can be: one literal word, replaced or blocked. For tests of what is around a policy.

#include <memory>
#include <stdexcept>
#include <string>

#include "kt/policy/finder_stage.hpp"

namespace kt::test {

// Finds one literal word; holds the longest end of the text that is a beginning of it.
class WordFinder final : public text::Finder {
 public:
  explicit WordFinder(std::string word) : word_(std::move(word)) {}
  text::Found next(const text::Window& window) const override {
    const std::size_t at = window.text.find(word_, window.from);
    if (at != std::string_view::npos) return {text::Match{at, at + word_.size(), 0}, 0};
    if (window.end) return {std::nullopt, window.text.size()};
    for (std::size_t size = std::min(word_.size() - 1, window.text.size() - window.from); size > 0; --size) {
      if (window.text.ends_with(std::string_view(word_).substr(0, size)))
        return {std::nullopt, window.text.size() - size};
    }
    return {std::nullopt, window.text.size()};
  }

 private:
  std::string word_;
};

class WordPolicy final : public policy::Policy {
 public:
  struct Options {
    policy::Verdict verdict = policy::Verdict::redact;
    std::string marker = "[X]";
    bool buffered = false;
    bool throws = false;      // on every text that holds the word
    bool skips_system = false;
  };
  WordPolicy(std::string word, Options options) : finder_(std::move(word)), options_(std::move(options)) {}

  std::string_view kind() const override { return "word"; }
  bool reads(policy::Phase, llm::Role role) const override {
    return !(options_.skips_system && role == llm::Role::system);
  }
  bool buffers() const override { return options_.buffered; }
  std::string_view message() const override { return "a word that must not pass"; }
  std::unique_ptr<policy::Stage> start(const policy::StageContext& context) const override {
    return std::make_unique<WordStage>(*this, context);
  }

 private:
  class WordStage final : public policy::FinderStage {
   public:
    WordStage(const WordPolicy& policy, const policy::StageContext& context)
        : FinderStage(policy.finder_), policy_(policy), report_(context.report) {}

   private:
    policy::Verdict decide(const llm::Lane&, std::string_view, std::string_view, std::uint16_t,
                           std::string& marker) override {
      if (policy_.options_.throws) throw std::runtime_error("a bug");
      report_.count("WORD");
      report_.reason = "word_found";
      marker = policy_.options_.marker;
      return policy_.options_.verdict;
    }
    const WordPolicy& policy_;
    policy::Report& report_;
  };

  WordFinder finder_;
  Options options_;
};

inline policy::Entry word(std::string text, WordPolicy::Options options = {}, bool enforced = true) {
  return {std::make_unique<WordPolicy>(std::move(text), std::move(options)), enforced};
}

}  // namespace kt::test

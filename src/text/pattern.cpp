#include "kt/text/pattern.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "kt/text/finders.hpp"
#include "text/pattern_beginnings.hpp"

namespace kt::text {
namespace {

constexpr std::int64_t kMemory = 4 << 20;  // of one compiled pattern, its automata included

std::unique_ptr<re2::RE2> compile(const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  return std::make_unique<re2::RE2>(pattern, options);
}

class OnePattern : public Finder {
 public:
  OnePattern(std::unique_ptr<re2::RE2> whole, std::unique_ptr<re2::RE2> begun)
      : whole_(std::move(whole)), begun_(std::move(begun)) {}

  [[nodiscard]] Found next(const Window& window) const override {
    const std::string_view text = window.text;
    if (!window.end && !begun_) return {std::nullopt, window.from};
    const std::size_t live = window.end ? text.size() : first(*begun_, text, window.from).begin;
    const Match match = first(*whole_, text, window.from);
    const bool found = match.end > match.begin;
    if (found && (window.end || match.begin < live)) return {match, match.begin};
    return {std::nullopt, found ? std::min(live, match.begin) : live};
  }

  [[nodiscard]] bool bounded() const { return begun_ != nullptr; }

 private:
  // The leftmost match; at the text's end and empty if there is none.
  static Match first(const re2::RE2& pattern, std::string_view text, std::size_t from) {
    re2::StringPiece found;
    const re2::StringPiece all(text.data(), text.size());
    if (!pattern.Match(all, from, text.size(), re2::RE2::UNANCHORED, &found, 1))
      return {text.size(), text.size(), 0};
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    return {begin, begin + found.size(), 0};
  }

  std::unique_ptr<re2::RE2> whole_, begun_;
};

struct Compiled {
  std::unique_ptr<OnePattern> finder;
  PatternFault fault;
};

Compiled compiled(const std::string& pattern) {
  if (pattern.size() > PatternFinder::kLongestPattern)
    return {nullptr, {0, "the pattern is longer than 4096 bytes", "split it into several patterns"}};
  auto whole = compile(pattern);
  if (!whole->ok()) {
    const bool large = whole->error_code() == re2::RE2::ErrorPatternTooLarge;
    return {nullptr,
            {0, whole->error(),
             large ? "use smaller repetition counts"
                   : "patterns are RE2 syntax: no look-around, no back-references"}};
  }
  const std::optional<Beginnings> beginnings = beginnings_of(pattern);
  if (re2::RE2::FullMatch("", *whole) || (beginnings && beginnings->shortest == 0))
    return {nullptr, {0, "the pattern matches the empty text", "make it require at least one character"}};
  std::unique_ptr<re2::RE2> begun;
  if (beginnings) begun = compile(beginnings->pattern);
  if (begun && !begun->ok()) begun.reset();
  return {std::make_unique<OnePattern>(std::move(whole), std::move(begun)), {}};
}

}  // namespace

struct PatternFinder::Impl {
  Finders all;
  std::vector<bool> bounded;
};

PatternFinder::PatternFinder() : impl_(std::make_unique<Impl>()) {}
PatternFinder::~PatternFinder() = default;

std::unique_ptr<PatternFinder> PatternFinder::make(const std::vector<std::string>& patterns,
                                                   std::vector<PatternFault>& faults) {
  if (patterns.size() > kMostPatterns) {
    faults.push_back({kMostPatterns, "there are more than 256 patterns", "join some of them with |"});
    return nullptr;
  }
  std::unique_ptr<PatternFinder> out(new PatternFinder);
  const std::size_t before = faults.size();
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    Compiled each = compiled(patterns[i]);
    if (!each.finder) {
      each.fault.index = i;
      faults.push_back(std::move(each.fault));
      continue;
    }
    out->impl_->bounded.push_back(each.finder->bounded());
    out->impl_->all.add(std::move(each.finder), static_cast<std::uint16_t>(i));
  }
  return faults.size() == before ? std::move(out) : nullptr;
}

Found PatternFinder::next(const Window& window) const { return impl_->all.next(window); }

bool PatternFinder::bounded(std::size_t pattern) const { return impl_->bounded[pattern]; }

}  // namespace kt::text

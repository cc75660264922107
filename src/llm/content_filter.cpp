#include "kt/llm/content_filter.hpp"

#include <array>

#include "kt/json/scan_inline.hpp"

namespace kt::llm {
namespace {

constexpr std::array<std::string_view, 12> kCategories{
    "hate",      "self_harm",         "sexual",          "violence",
    "jailbreak", "indirect_attack",   "profanity",       "custom_blocklists",
    "protected_material_text", "protected_material_code", "ungrounded_material", "custom_topics"};

bool is_filter_results(std::string_view name) {
  return name == "content_filter_results" || name == "content_filter_result" || name == "content_filter_raw";
}

class FilterWalk {
 public:
  FilterWalk(std::string_view text, ContentFilter& filter) : text_(text), filter_(filter) {}

  void begin_object(std::size_t) { open(); }
  void end_object(std::size_t) { close(); }
  void begin_array(std::size_t) { open(); }
  void end_array(std::size_t) { close(); }
  void name(json::Span span, bool) {
    name_ = span.of(text_);
    if (depth_ == 1) top_ = name_;
    if (results_ != 0 && depth_ == results_ + 1) category_ = bit_of(name_);
  }
  void string(json::Span span, bool) {
    const std::string_view value = span.of(text_);
    if (name_ == "code") {
      const bool refusal = value == "ResponsibleAIPolicyViolation" || value == "content_filter" ||
                           value == "contentFilter" || value == "content_policy_violation";
      if (top_ == "error" && refusal) filter_.prompt_blocked = true;
      if (value == "content_filter_error") filter_.not_checked = true;
    }
    if (name_ == "finish_reason" && value == "content_filter") filter_.answer_blocked = true;
  }
  void number(json::Span) {}
  void literal(json::Span span) {
    if (results_ == 0 || text_[span.begin] != 't' || (name_ != "filtered" && name_ != "detected")) return;
    (top_ == "choices" ? filter_.answer : filter_.prompt) |= category_;
  }

 private:
  void open() {
    ++depth_;
    if (results_ == 0 && is_filter_results(name_)) results_ = depth_ - 1;
  }
  void close() {
    --depth_;
    if (depth_ == results_) results_ = 0;
  }
  static std::uint32_t bit_of(std::string_view name) {
    if (name == "self-harm") return 2;
    for (std::size_t i = 0; i < kCategories.size(); ++i) {
      if (kCategories[i] == name) return 1u << i;
    }
    return 0;
  }

  std::string_view text_;
  ContentFilter& filter_;
  std::string_view name_, top_;
  std::size_t depth_ = 0, results_ = 0;  // the depth in which the results' member stands
  std::uint32_t category_ = 0;
};

}  // namespace

std::vector<std::string_view> ContentFilter::each(std::uint32_t categories) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kCategories.size(); ++i) {
    if ((categories >> i & 1) != 0) names.push_back(kCategories[i]);
  }
  return names;
}

void read_content_filter(std::string_view document, ContentFilter& filter) {
  FilterWalk walk(document, filter);
  json::scan_with(document, walk);
}

}  // namespace kt::llm

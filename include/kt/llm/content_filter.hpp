#pragma once
// What Azure's own content filter said: in errors (400 ResponsibleAIPolicyViolation), replies and stream
// events. A policy event beside our verdicts, never a failure of the target.

#include <cstdint>
#include <string_view>
#include <vector>

namespace kt::llm {

struct ContentFilter {
  bool prompt_blocked = false;    // the request was refused
  bool answer_blocked = false;    // finish_reason: content_filter
  bool not_checked = false;       // content_filter_error: the text was delivered unfiltered
  std::uint32_t prompt = 0, answer = 0;  // categories that were filtered or detected, one bit each

  [[nodiscard]] bool any() const {
    return prompt_blocked || answer_blocked || not_checked || prompt != 0 || answer != 0;
  }
  static std::vector<std::string_view> each(std::uint32_t categories);  // their names
};

// Adds what `document` (an error body, a reply, an event) says. Both spellings of inner_error and
// content_filter_result(s), prompt_filter_results and prompt_annotations. Anything else changes nothing.
void read_content_filter(std::string_view document, ContentFilter& filter);

}  // namespace kt::llm

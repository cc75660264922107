#pragma once
// The members of a `usage` object, wherever it stands.

#include <charconv>
#include <string_view>

#include "kt/llm/usage.hpp"

namespace kt::llm {

// `details`: the member stands in a *_details object.
inline void take_usage_number(Usage& usage, std::string_view member, bool details, std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (details) {
    if (member == "cached_tokens") usage.cached = value;
    if (member == "reasoning_tokens") usage.reasoning = value;
    return;
  }
  if (member == "prompt_tokens" || member == "input_tokens") usage.input = value, usage.present = true;
  if (member == "completion_tokens" || member == "output_tokens") usage.output = value, usage.present = true;
}

}  // namespace kt::llm

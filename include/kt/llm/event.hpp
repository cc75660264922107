#pragma once
// One event of a chat or completions stream, as far as the relay needs to know it.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kt/json/scan.hpp"
#include "kt/llm/usage.hpp"

namespace kt::llm {

struct EventView {
  bool is_object = false;
  std::optional<json::Span> choices;  // the array, brackets included
  std::uint32_t choice_count = 0;
  bool choice_without_delta = false;       // an asynchronous filter annotation (chat streams)
  std::vector<std::size_t> missing_delta;  // offsets just behind the opening bracket of such choices
  bool finished = false;                   // some choice has a finish_reason
  bool content_filtered = false;           // ... and it is content_filter
  bool has_text = false;                   // a delta or text with something in it
  bool error = false;                      // an `error` object: the upstream failed in mid-stream
  std::optional<json::Span>
      filter_member;  // "prompt_filter_results": ... ; from the name's quote to the value's end
  std::optional<json::Span> usage_member;  // "usage": ... ; likewise
  Usage usage;
};

// `data` is one event's data. A fault means that the upstream sends garbage.
json::Fault scan_event(std::string_view data, EventView& view);

inline bool is_done(std::string_view data) { return data == "[DONE]"; }

}  // namespace kt::llm

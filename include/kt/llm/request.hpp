#pragma once
// What the gateway needs to know of a request body, found in the same forward pass that validates it.

#include <cstdint>
#include <optional>
#include <string_view>

#include "kt/json/scan.hpp"

namespace kt::llm {

struct RequestView {
  std::optional<json::Span> model;        // inside the quotes; none when absent or null
  std::optional<json::Span> model_value;  // the whole value, null included
  bool model_escaped = false;
  bool stream = false;
  bool include_usage = false;                // stream_options.include_usage is true
  std::optional<json::Span> stream_options;  // the value
  bool stream_options_given = false;         // also as null
  bool data_sources = false;                 // on-your-data; its stream takes no stream_options
  std::size_t object_end = 0;                // offset of the closing bracket: where a member can be added
  bool empty_object = true;

  // The first member whose type is wrong, in words for the client; nullptr when all is well.
  const char* wrong_member = nullptr;
  const char* wrong_what = nullptr;
};

// Validates `body` and fills `view`. Linear, no allocation in steady state.
json::Fault scan_request(std::string_view body, const json::Limits& limits, RequestView& view);

}  // namespace kt::llm

#pragma once
// Where words can stand in a request, a reply or a stream event. Every string is a lane's text unless the
// table of exceptions (src/llm/lane_rules.cpp) says why it is none: an endpoint without a walk here cannot
// claim to be policed. docs/policies.md lists the exceptions.

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "kt/json/scan.hpp"
#include "kt/llm/lane.hpp"

namespace kt::llm {

// How a text goes on in the events of a stream.
enum class Place : unsigned char {
  whole,               // it does not: it stands in one document
  text,                // choices[c].text
  delta,               // choices[c].delta.<name>
  part,                // choices[c].delta.<name>, an array or object with text in it: content parts
  transcript,          // choices[c].delta.audio.transcript
  tool_arguments,      // choices[c].delta.tool_calls[t].function.arguments
  function_arguments,  // choices[c].delta.function_call.arguments
};

struct LaneText {
  Lane lane;               // id: counted up within the document
  json::Span span;         // inside the quotes
  bool escaped = false;    // the span holds a backslash
  bool json = false;       // the text is itself JSON: arguments of a call
  Place place = Place::whole;
  std::uint32_t choice = 0, tool = 0;
  std::string_view name;   // Place::delta: the member; Place::part: the members down to it; valid as the Lanes are
  json::Span around;       // Place::part: the delta's value
};

struct Lanes {
  std::vector<LaneText> texts;  // in the document's order
  bool tokens = false;          // a request's input given as token numbers: words nobody can read here

  // Replies and events.
  std::vector<std::uint32_t> finished;  // choices with a finish_reason
  std::vector<json::Span> logprobs;     // values that repeat the answer's text token by token
  json::Span choices;                   // the array's value; empty when there is none
  std::list<std::string> names;         // those that do not stand in the document as they are

  void clear();
};

// A request's body or an event's data: it must have passed scan_request() or scan_event() before.
json::Fault find_request_lanes(std::string_view body, const json::Limits& limits, Lanes& out);
json::Fault find_event_lanes(std::string_view data, Lanes& out);
// A reply, read for the first time: everything the strict scan refuses is a fault.
json::Fault find_reply_lanes(std::string_view body, Lanes& out);

// messages[3].content[1].text, for explanations; `at` is an offset inside the document.
std::string path_of(std::string_view document, std::size_t at);

}  // namespace kt::llm

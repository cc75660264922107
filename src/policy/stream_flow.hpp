#pragma once
// One lane of a stream and what each policy has of it.

#include <string>
#include <vector>

#include "kt/llm/lane_text.hpp"
#include "kt/llm/lanes.hpp"
#include "kt/policy/policy.hpp"

namespace kt::policy {

// One policy's share of one lane.
struct Slot {
  std::string waiting;     // buffered: text that is handed over at the lane's end
  std::string owed;        // fail mode allow: text the stage has taken and not passed on
  std::size_t held = 0;    // bytes inside the stage
  bool in_string = false;  // arguments: what has passed ended inside a string
};

// Where a stage's output goes: the text for the next one.
class StreamSink final : public Sink {
 public:
  StreamSink(std::string& out, Slot& slot, bool json) : out_(out), slot_(slot), json_(json) {}

  void pass(std::string_view text) override {
    out_.append(text);
    took += text.size();
    if (!json_) return;
    for (const char c : text) slot_.in_string ^= c == '"';
  }
  void replace(std::string_view original, std::string_view marker) override {
    took += original.size();
    replaced = true;
    if (json_) {
      out_.append(llm::replace_in_arguments(original, marker, slot_.in_string));
    } else {
      out_.append(marker);
    }
  }

  std::size_t took = 0;  // bytes of its input that the stage has let go
  bool replaced = false;

 private:
  std::string& out_;
  Slot& slot_;
  const bool json_;
};

struct Flow {
  Flow(const llm::LaneText& text, std::uint32_t id, std::size_t policies)
      : lane{id, text.lane.role},
        place(text.place),
        choice(text.choice),
        tool(text.tool),
        name(text.name),
        json(text.json),
        slots(policies) {}

  [[nodiscard]] bool is(const llm::LaneText& text) const {
    return choice == text.choice && place == text.place && tool == text.tool && name == text.name;
  }

  llm::Lane lane;
  llm::Place place;
  std::uint32_t choice, tool;
  std::string name;
  bool json;
  bool ended = false;            // by the finish_reason of its choice
  std::size_t latest = 0;        // its last text in the event at hand
  std::string before, after;     // Place::part: a delta around the text
  std::vector<Slot> slots;  // by policy at work; the last one is for the restored values
  llm::ArgumentsDecoder decoder;
  llm::ArgumentsEncoder encoder;
};

// The member of a choice that carries `encoded`: ("delta":{"content":"..."}).
void append_choice(const Flow& flow, std::string_view encoded, std::string& out);

}  // namespace kt::policy

#pragma once
// What an OpenAI client may rely on in a stream and Azure does not give (docs/streaming.md): every event has
// a choice, every choice has a delta. Everything is done by splicing; events that need nothing pass as they
// are. A usage-only event passes when the client asked for it; when only the gateway did, no trace of it stays.

#include <string>
#include <string_view>

#include "kt/llm/event.hpp"

namespace kt::llm {

class OpenAiShape {
 public:
  enum class Action : unsigned char { pass, drop, replace };

  explicit OpenAiShape(bool strip_usage = false) : strip_usage_(strip_usage) {}

  // Decides on one event. replace: text() is the new data until the next call.
  Action apply(std::string_view data, const EventView& view);
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  const bool strip_usage_;
  std::string held_filter_;  // the prelude's "prompt_filter_results": ..., until an event with choices comes
  std::string text_;
};

}  // namespace kt::llm

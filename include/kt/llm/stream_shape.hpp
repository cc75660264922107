#pragma once
// What an OpenAI client may rely on in a stream and Azure does not give (docs/streaming.md): every event has a choice, every
// choice has a delta, and usage comes only to those who asked. Everything is done by splicing; events that need nothing pass as
// they are.

#include <string>
#include <string_view>

#include "kt/llm/event.hpp"

namespace kt::llm {

class OpenAiShape {
 public:
  // `strip_usage`: the gateway asked for usage, the client did not.
  explicit OpenAiShape(bool strip_usage) : strip_usage_(strip_usage) {}

  enum class Action : unsigned char { pass, drop, replace };

  // Decides on one event. replace: text() is the new data until the next call.
  Action apply(std::string_view data, const EventView& view);
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  Action hold_prelude(std::string_view data, const EventView& view);

  const bool strip_usage_;
  std::string held_filter_;   // the prelude's "prompt_filter_results": ..., until an event with choices comes
  std::string text_;
};

}  // namespace kt::llm

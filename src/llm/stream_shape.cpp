#include "kt/llm/stream_shape.hpp"

namespace kt::llm {

OpenAiShape::Action OpenAiShape::apply(std::string_view data, const EventView& view) {
  if (!view.is_object || !view.choices) return Action::pass;
  if (view.choice_count == 0) {
    if (!view.filter_member) return Action::pass;
    held_filter_.assign(view.filter_member->of(data));
    return Action::drop;
  }
  if (!view.choice_without_delta && held_filter_.empty()) return Action::pass;

  // From back to front, so that offsets stay right.
  text_.assign(data);
  for (auto at = view.missing_delta.rbegin(); at != view.missing_delta.rend(); ++at) {
    text_.insert(*at, data[*at] == '}' ? "\"delta\":{}" : "\"delta\":{},");
  }
  if (!held_filter_.empty() && !view.filter_member) text_.insert(text_.find('{') + 1, held_filter_ + ",");
  held_filter_.clear();
  return Action::replace;
}

}  // namespace kt::llm

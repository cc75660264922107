#include "kt/llm/stream_shape.hpp"

namespace kt::llm {
namespace {

// A member and the comma that goes with it.
void remove_member(std::string& text, json::Span member) {
  std::size_t end = member.end;
  while (end < text.size() && (text[end] == ' ' || text[end] == ',')) {
    if (text[end++] == ',') {
      text.erase(member.begin, end - member.begin);
      return;
    }
  }
  const std::size_t comma = text.rfind(',', member.begin);
  const std::size_t begin = comma == std::string::npos ? member.begin : comma;
  text.erase(begin, member.end - begin);
}

}  // namespace

OpenAiShape::Action OpenAiShape::apply(std::string_view data, const EventView& view) {
  if (!view.is_object || !view.choices) return Action::pass;
  if (view.choice_count == 0) {
    if (strip_usage_ && view.usage.present) return Action::drop;
    if (!view.filter_member) return Action::pass;
    held_filter_.assign(view.filter_member->of(data));
    return Action::drop;
  }
  const bool strip = strip_usage_ && view.usage_member;
  if (!view.choice_without_delta && held_filter_.empty() && !strip) return Action::pass;

  // From back to front, so that offsets stay right.
  text_.assign(data);
  const bool usage_behind = strip && view.usage_member->begin > view.choices->begin;
  if (usage_behind) remove_member(text_, *view.usage_member);
  for (auto at = view.missing_delta.rbegin(); at != view.missing_delta.rend(); ++at) {
    text_.insert(*at, data[*at] == '}' ? "\"delta\":{}" : "\"delta\":{},");
  }
  if (strip && !usage_behind) remove_member(text_, *view.usage_member);
  if (!held_filter_.empty() && !view.filter_member) text_.insert(text_.find('{') + 1, held_filter_ + ",");
  held_filter_.clear();
  return Action::replace;
}

}  // namespace kt::llm

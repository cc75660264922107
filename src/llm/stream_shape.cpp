#include "kt/llm/stream_shape.hpp"

#include <algorithm>

namespace kt::llm {
namespace {

// A member with one of the commas around it.
json::Span with_comma(std::string_view text, json::Span member) {
  std::size_t end = member.end;
  while (end < text.size() && (text[end] == ' ' || text[end] == '\n')) ++end;
  if (end < text.size() && text[end] == ',') return {member.begin, end + 1};
  std::size_t begin = member.begin;
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\n')) --begin;
  if (begin > 0 && text[begin - 1] == ',') --begin;
  return {begin, member.end};
}

bool is_null(std::string_view text, json::Span member) { return member.of(text).ends_with("null"); }

}  // namespace

OpenAiShape::Action OpenAiShape::hold_prelude(std::string_view data, const EventView& view) {
  if (view.filter_member) {
    held_filter_.assign(view.filter_member->of(data));
    return Action::drop;
  }
  return strip_usage_ && view.usage_member ? Action::drop : Action::pass;
}

OpenAiShape::Action OpenAiShape::apply(std::string_view data, const EventView& view) {
  if (!view.is_object || !view.choices) return Action::pass;
  if (view.choice_count == 0) return hold_prelude(data, view);

  const bool cut_usage = strip_usage_ && view.usage_member && is_null(data, *view.usage_member);
  if (!cut_usage && !view.choice_without_delta && held_filter_.empty()) return Action::pass;

  // From back to front, so that offsets stay right: the choices array lies before or after `usage`, never around it.
  text_.assign(data);
  const json::Span usage = cut_usage ? with_comma(data, *view.usage_member) : json::Span{};
  const auto cut = [&] { text_.erase(usage.begin, usage.size()); };
  const bool usage_behind = cut_usage && usage.begin >= view.choices->end;
  if (usage_behind) cut();
  for (auto at = view.missing_delta.rbegin(); at != view.missing_delta.rend(); ++at) {
    const bool only = data[*at] == '}';
    text_.insert(*at, only ? "\"delta\":{}" : "\"delta\":{},");
  }
  if (cut_usage && !usage_behind) cut();
  if (!held_filter_.empty() && !view.filter_member) {
    const std::size_t brace = text_.find('{');
    text_.insert(brace + 1, held_filter_ + ",");
  }
  held_filter_.clear();
  return Action::replace;
}

}  // namespace kt::llm

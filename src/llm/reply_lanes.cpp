// The lanes of replies and stream events of chat and completions.
#include "kt/json/scan_inline.hpp"
#include "kt/llm/lanes.hpp"
#include "llm/lane_rules.hpp"

namespace kt::llm {
namespace {

// Depths: 1 the document's members, 2 elements of choices, 3 a choice's members, 4 those of its delta or
// message, 5 elements of tool_calls, 6 a call's members, 7 those of its function.
class ReplyWalk {
 public:
  ReplyWalk(std::string_view body, Lanes& out) : body_(body), out_(out) {}

  void begin_object(std::size_t at) {
    if (in_choices() && depth_ == 2) {
      ++choice_at_;
      choice_ = choice_at_;
      choice_first_ = out_.texts.size();
      finished_ = false;
    }
    if (in_delta() && depth_ == 5 && names_[4] == "tool_calls") {
      ++tool_at_;
      tool_ = tool_at_;
      tool_first_ = out_.texts.size();
    }
    begin_value(at);
    ++depth_;
  }
  void end_object(std::size_t end) {
    --depth_;
    if (in_delta() && depth_ == 5 && names_[4] == "tool_calls") {
      for (std::size_t i = tool_first_; i < out_.texts.size(); ++i) out_.texts[i].tool = tool_;
    }
    if (in_choices() && depth_ == 2) end_choice();
    end_value(end);
  }
  void begin_array(std::size_t at) {
    begin_value(at);
    ++depth_;
    if (depth_ < kNames) names_[depth_] = names_[depth_ - 1];  // its elements go by the array's name
    if (depth_ == 5) tool_at_ = kNone;
  }
  void end_array(std::size_t end) {
    --depth_;
    end_value(end);
    if (in_choices() && depth_ == 1) out_.choices = {choices_begin_, end};
  }
  void name(json::Span span, bool escaped) {
    const std::string_view name = plain_name(span.of(body_), escaped, out_.names);
    if (depth_ < kNames) names_[depth_] = name;
    if (is_lane() && !is_identifier(name)) add(span, escaped, Place::whole);
  }
  void string(json::Span span, bool escaped) {
    if (in_choices() && depth_ == 3 && names_[3] == "finish_reason") {
      finished_ |= !span.empty();  // some say "" until the end
      return;
    }
    if (span.empty() || !is_lane()) return;
    const std::string_view name = names_[std::min(depth_, kNames - 1)], value = span.of(body_);
    if (is_machine_member(name) && is_identifier(value)) return;
    if (is_media(name, depth_ > 1 ? names_[depth_ - 1] : std::string_view(), value)) return;
    add(span, escaped, place());
  }
  void number(json::Span span) {
    if (in_choices() && depth_ == 3 && names_[3] == "index") choice_ = read(span);
    if (in_delta() && depth_ == 6 && names_[4] == "tool_calls" && names_[6] == "index") tool_ = read(span);
  }
  void literal(json::Span) {}

 private:
  static constexpr std::size_t kNames = 80;  // deeper than the scan allows
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  bool in_choices() const { return names_[1] == "choices"; }
  bool at_delta() const { return in_choices() && (names_[3] == "delta" || names_[3] == "message"); }
  bool in_delta() const { return depth_ >= 4 && at_delta(); }

  void begin_value(std::size_t at) {
    if (depth_ == 1) {
      choices_begin_ = at;
      choice_at_ = kNone;
    }
    if (in_choices() && depth_ == 3 && names_[3] == "logprobs") logprobs_ = at;
    if (depth_ == 3 && at_delta()) {
      delta_ = at;
      delta_first_ = out_.texts.size();
    }
  }
  void end_value(std::size_t end) {
    if (in_choices() && depth_ == 3 && names_[3] == "logprobs") out_.logprobs.push_back({logprobs_, end});
    if (depth_ == 3 && at_delta()) {
      for (std::size_t i = delta_first_; i < out_.texts.size(); ++i) out_.texts[i].around = {delta_, end};
    }
  }

  void end_choice() {
    for (std::size_t i = choice_first_; i < out_.texts.size(); ++i) out_.texts[i].choice = choice_;
    if (finished_) out_.finished.push_back(choice_);
  }

  // Everything but what the table of docs/policies.md leaves out.
  bool is_lane() const {
    const std::string_view top = names_[1];
    if (top == "choices") {
      return depth_ < 3 || (names_[3] != "logprobs" && names_[3] != "finish_reason" &&
                            !names_[3].starts_with("content_filter"));
    }
    return top != "usage" && top != "prompt_filter_results" && top != "prompt_annotations" && top != "error" &&
           top != "obfuscation" && !(top == "data" && depth_ >= 3 && names_[3] == "embedding");
  }

  Place place() const {
    if (!in_choices()) return Place::whole;
    if (depth_ == 3 && names_[3] == "text") return Place::text;
    if (!in_delta()) return Place::whole;
    if (depth_ == 4) return Place::delta;
    if (depth_ == 5 && names_[4] == "audio" && names_[5] == "transcript") return Place::transcript;
    if (depth_ == 5 && names_[4] == "function_call" && names_[5] == "arguments")
      return Place::function_arguments;
    if (depth_ == 7 && names_[4] == "tool_calls" && names_[6] == "function" && names_[7] == "arguments")
      return Place::tool_arguments;
    return is_part() ? Place::part : Place::whole;
  }

  // Content and reasoning in parts go on in the next event; citations and the like come whole.
  bool is_part() const {
    const std::string_view member = names_[4], leaf = names_[std::min(depth_, kNames - 1)];
    if (member != "content" && !member.starts_with("reasoning") && !member.starts_with("thinking")) return false;
    return leaf == member || leaf == "text" || leaf == "thinking" || leaf == "summary" || leaf == "content" ||
           leaf == "refusal";
  }

  // The members down to the one at hand: content.text.
  std::string_view part_name() {
    std::string& name = out_.names.emplace_back(names_[4]);
    for (std::size_t i = 5; i <= std::min(depth_, kNames - 1); ++i) name.append(".").append(names_[i]);
    return name;
  }

  std::uint32_t read(json::Span span) const {
    std::uint32_t value = 0;
    for (const char c : span.of(body_)) {
      if (c < '0' || c > '9') break;
      value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return value;
  }

  void add(json::Span span, bool escaped, Place place) {
    LaneText text;
    const bool document = in_choices() && depth_ > 4 && names_[4] == "context";
    text.lane = {static_cast<std::uint32_t>(out_.texts.size()), document ? Role::document : Role::assistant};
    text.span = span;
    text.escaped = escaped;
    text.json = depth_ > 4 && names_[std::min(depth_, kNames - 1)] == "arguments";
    text.place = place;
    if (place == Place::delta) text.name = names_[4];
    if (place == Place::part) text.name = part_name();
    out_.texts.push_back(text);
  }

  std::string_view body_;
  Lanes& out_;
  std::string_view names_[kNames];
  std::size_t depth_ = 0, choices_begin_ = 0, logprobs_ = 0, delta_ = 0, delta_first_ = 0, choice_first_ = 0, tool_first_ = 0;
  std::uint32_t choice_ = 0, choice_at_ = kNone, tool_ = 0, tool_at_ = kNone;
  bool finished_ = false;
};

}  // namespace

json::Fault find_reply_lanes(std::string_view body, Lanes& out) {
  out.clear();
  ReplyWalk walk(body, out);
  return json::scan_with(body, walk);
}

json::Fault find_event_lanes(std::string_view data, Lanes& out) {
  out.clear();
  ReplyWalk walk(data, out);
  return json::scan_again_with(data, walk);
}

}  // namespace kt::llm

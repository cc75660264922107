#include "kt/llm/event.hpp"

#include "kt/json/scan_inline.hpp"
#include "llm/usage_fields.hpp"

namespace kt::llm {
namespace {

class EventScan {
 public:
  EventScan(std::string_view text, EventView& view) : text_(text), view_(view) {}

  void begin_object(std::size_t at) {
    if (depth_ == 0) view_.is_object = true;
    if (depth_ == 2 && top_ == Top::choices) {
      ++view_.choice_count;
      choice_ = at + 1;
      has_delta_ = false;
    }
    if (depth_ == 1 && top_ == Top::error) view_.error = true;
    ++depth_;
  }
  void end_object(std::size_t end) {
    --depth_;
    if (depth_ == 2 && top_ == Top::choices && !has_delta_) {
      view_.choice_without_delta = true;
      view_.missing_delta.push_back(choice_);
    }
    if (depth_ == 1) end_member(end);
  }
  void begin_array(std::size_t at) {
    if (depth_ == 1) begin_ = at;
    ++depth_;
  }
  void end_array(std::size_t end) {
    --depth_;
    if (depth_ != 1) return;
    if (top_ == Top::choices) view_.choices = json::Span{begin_, end};
    end_member(end);
  }
  void name(json::Span span, bool) {
    const std::string_view name = span.of(text_);
    if (depth_ < 8) names_[depth_] = name;
    if (depth_ == 1) {
      member_ = span.begin - 1;
      top_ = name == "choices"                 ? Top::choices
             : name == "usage"                 ? Top::usage
             : name == "prompt_filter_results" ? Top::filter
             : name == "error"                 ? Top::error
                                               : Top::other;
    }
    if (depth_ == 3 && top_ == Top::choices && (name == "delta" || name == "text")) has_delta_ = true;
  }
  void string(json::Span span, bool) {
    if (depth_ == 1) end_member(span.end + 1);
    if (top_ != Top::choices || span.empty()) return;
    if (depth_ == 3 && names_[3] == "finish_reason") {
      view_.finished = true;
      view_.content_filtered |= span.of(text_) == "content_filter";
    }
    if (depth_ == 3 && names_[3] == "text") view_.has_text = true;
    if (depth_ >= 4 && names_[3] == "delta" && names_[4] != "role") view_.has_text = true;
  }
  void number(json::Span span) {
    if (depth_ == 1) end_member(span.end);
    if (top_ == Top::usage && (depth_ == 2 || depth_ == 3))
      take_usage_number(view_.usage, names_[depth_], depth_ == 3, span.of(text_));
  }
  void literal(json::Span span) {
    if (depth_ == 1) end_member(span.end);
  }

 private:
  enum class Top : unsigned char { other, choices, usage, filter, error };

  void end_member(std::size_t end) {
    if (top_ == Top::filter) view_.filter_member = json::Span{member_, end};
    if (top_ == Top::usage) view_.usage_member = json::Span{member_, end};
  }

  std::string_view text_;
  EventView& view_;
  std::size_t member_ = 0, begin_ = 0, choice_ = 0;
  std::size_t depth_ = 0;
  std::string_view names_[8];
  Top top_ = Top::other;
  bool has_delta_ = false;
};

// Only the top level `usage`.
class UsageScan {
 public:
  UsageScan(std::string_view text, Usage& usage) : text_(text), usage_(usage) {}
  void begin_object(std::size_t) { ++depth_; }
  void end_object(std::size_t) {
    if (--depth_ < usage_depth_) usage_depth_ = 0;
  }
  void begin_array(std::size_t) { ++depth_; }
  void end_array(std::size_t) { --depth_; }
  void name(json::Span span, bool) {
    name_ = span.of(text_);
    if (usage_depth_ == 0 && depth_ == 1 && name_ == "usage") usage_depth_ = 2;
    if (usage_depth_ != 0 && depth_ == 1 && name_ != "usage") usage_depth_ = 0;
  }
  void string(json::Span, bool) {}
  void number(json::Span span) {
    if (usage_depth_ == 2 && (depth_ == 2 || depth_ == 3))
      take_usage_number(usage_, name_, depth_ == 3, span.of(text_));
  }
  void literal(json::Span) {}

 private:
  std::string_view text_;
  Usage& usage_;
  std::string_view name_;
  int depth_ = 0, usage_depth_ = 0;
};

}  // namespace

json::Fault scan_event(std::string_view data, EventView& view) {
  std::vector<std::size_t> reused = std::move(view.missing_delta);
  reused.clear();
  view = {};
  view.missing_delta = std::move(reused);
  EventScan handler(data, view);
  return json::scan_with(data, handler);
}

Usage usage_of_reply(std::string_view body) {
  Usage usage;
  // Providers write it last: behind it stands the document's end and nothing else, so it is the document's own
  // member, and what stands before it need not be read for it.
  constexpr std::string_view kName = "\"usage\":{";
  const std::size_t last = body.rfind(kName);
  if (last != body.npos) {
    const std::string_view rest = body.substr(last, body.find_last_of('}') - last);
    const std::string own = "{" + std::string(rest) + "}";
    UsageScan member(own, usage);
    if (!json::scan_again_with(own, member, {1024})) return usage;
    usage = {};
  }
  // Figures only: what a second reading could make of odd bytes decides nothing.
  UsageScan whole(body, usage);
  if (json::scan_again_with(body, whole, {1024})) return {};
  return usage;
}

}  // namespace kt::llm

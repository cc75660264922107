#include "kt/llm/request.hpp"

#include "kt/json/scan_inline.hpp"

namespace kt::llm {
namespace {

class RequestScan {
 public:
  RequestScan(std::string_view body, RequestView& view) : body_(body), view_(view) {}

  void begin_object(std::size_t at) { open(at, true); }
  void end_object(std::size_t end) {
    --depth_;
    if (depth_ == 0) view_.object_end = end - 1;
    if (depth_ == 1) finish(end);
  }
  void begin_array(std::size_t at) { open(at, false); }
  void end_array(std::size_t) { --depth_; }
  void name(json::Span span, bool escaped) {
    if (depth_ == 1) {
      view_.empty_object = false;
      member_ = span.of(body_);
      if (escaped) member_ = plain_ = json::unescape(member_);   // nobody writes it so, but it means the same
      view_.stream_options_given |= member_ == "stream_options";
    } else if (depth_ == 2) {
      inner_ = span.of(body_);
    }
  }
  void string(json::Span span, bool escaped) {
    if (depth_ == 0) wrong("body", "the body must be a JSON object");
    if (depth_ != 1) return;
    if (member_ == "model") {
      view_.model = span;
      view_.model_value = json::Span{span.begin - 1, span.end + 1};
      view_.model_escaped = escaped;
    } else if (member_ == "stream") {
      wrong("stream", "stream must be true or false");
    }
  }
  void number(json::Span) { scalar(); }
  void literal(json::Span span) {
    const bool yes = body_[span.begin] == 't', null = body_[span.begin] == 'n';
    if (depth_ == 1 && member_ == "stream") {
      view_.stream = yes;
      return;
    }
    if (depth_ == 2 && in_options_ && inner_ == "include_usage") view_.include_usage = yes;
    if (depth_ == 1 && null) {
      if (member_ == "model") view_.model_value = span;
      return;
    }
    scalar();
  }

 private:
  void open(std::size_t at, bool object) {
    if (depth_ == 0 && !object) wrong("body", "the body must be a JSON object");
    if (depth_ == 1) {
      if (member_ == "model") wrong("model", "model must be a string");
      if (member_ == "stream") wrong("stream", "stream must be true or false");
      if (member_ == "data_sources" || member_ == "dataSources") view_.data_sources = true;
      in_options_ = object && member_ == "stream_options";
      begin_ = at;
    }
    ++depth_;
  }

  void finish(std::size_t end) {
    if (in_options_) view_.stream_options = json::Span{begin_, end};
    in_options_ = false;
  }

  void scalar() {
    if (depth_ == 0) wrong("body", "the body must be a JSON object");
    if (depth_ == 1 && member_ == "model") wrong("model", "model must be a string");
    if (depth_ == 1 && member_ == "stream") wrong("stream", "stream must be true or false");
  }

  void wrong(const char* member, const char* what) {
    if (view_.wrong_member != nullptr) return;
    view_.wrong_member = member;
    view_.wrong_what = what;
  }

  std::string_view body_;
  RequestView& view_;
  std::string_view member_, inner_;
  std::string plain_;   // holds member_ when it had escapes
  std::size_t begin_ = 0;
  int depth_ = 0;
  bool in_options_ = false;
};

}  // namespace

json::Fault scan_request(std::string_view body, const json::Limits& limits, RequestView& view) {
  view = {};
  RequestScan handler(body, view);
  return json::scan_with(body, handler, limits);
}

}  // namespace kt::llm

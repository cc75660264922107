// The lanes of a request body, whatever its endpoint.
#include "kt/json/scan_inline.hpp"
#include "kt/llm/lanes.hpp"
#include "llm/lane_rules.hpp"

namespace kt::llm {
namespace {

class RequestWalk {
 public:
  RequestWalk(std::string_view body, Lanes& out) : body_(body), out_(out), frames_(frames_of_thread()) {
    frames_.clear();
  }

  void begin_object(std::size_t) {
    if (is_item()) {
      item_depth_ = frames_.size() + 1;
      item_first_ = out_.texts.size();
      item_role_ = Role::user;
      role_given_ = false;
    }
    open();
  }
  void end_object(std::size_t) {
    if (frames_.size() == item_depth_) {
      for (std::size_t i = item_first_; i < out_.texts.size(); ++i) out_.texts[i].lane.role = item_role_;
      item_depth_ = 0;
    }
    close();
  }
  void begin_array(std::size_t) {
    open();
    frames_.back().array = true;
  }
  void end_array(std::size_t) { close(); }

  void name(json::Span span, bool escaped) {
    const std::string_view name = plain_name(span.of(body_), escaped, out_.names);
    Frame& frame = frames_.back();
    frame.name = name;
    if (frames_.size() == 1) rule_ = rule_of(name);
    if (!silent() && (in_metadata() || names_parameter() || !is_identifier(name))) add(span, escaped, false);
  }

  void string(json::Span span, bool escaped) {
    if (frames_.empty() || silent()) return;
    const std::string_view name = frames_.back().name, value = span.of(body_);
    note_role(name, value);
    if (value.empty()) return;
    if (!in_metadata()) {
      if (is_machine(name) && is_identifier(value)) return;
      if (is_media(name, parent(), value)) return;
    }
    add(span, escaped, name == "arguments");
  }

  void number(json::Span) {
    // prompt and input: [1, 2] or [[1, 2]].
    if (frames_.size() < 2 || frames_.size() > 3 || !frames_[1].array) return;
    const std::string_view top = frames_.front().name;
    if ((top == "prompt" || top == "input") && (frames_.size() == 2 || frames_[2].array)) out_.tokens = true;
  }
  void literal(json::Span) {}

 private:
  struct Frame {
    std::string_view name;  // of the member at hand; arrays carry their own member's name
    bool array = false, silent = false;
  };

  static std::vector<Frame>& frames_of_thread() {
    thread_local std::vector<Frame> frames;
    return frames;
  }

  void open() {
    Frame frame;
    if (!frames_.empty()) {
      frame.name = frames_.back().name;
      frame.silent = frames_.back().silent;
    }
    // Credentials for other services, which the provider needs as they are.
    frame.silent |= frame.name == "authentication" && rule_.role == Role::system;
    frames_.push_back(frame);
  }
  void close() { frames_.pop_back(); }

  bool silent() const { return rule_.skip || frames_.back().silent; }

  // The member that holds the object at hand.
  std::string_view parent() const {
    return frames_.size() < 2 ? std::string_view() : frames_[frames_.size() - 2].name;
  }

  bool in_metadata() const { return frames_.size() > 1 && frames_.front().name == "metadata"; }

  // Schemas are read by the model: there a format or an id can say anything.
  bool is_machine(std::string_view name) const {
    return rule_.role == Role::definition ? name == "type" : is_machine_member(name);
  }

  // A member of a schema's properties.
  bool names_parameter() const { return rule_.role == Role::definition && parent() == "properties"; }

  // An element of messages or input.
  bool is_item() const { return item_depth_ == 0 && rule_.items && frames_.size() == 2; }

  void note_role(std::string_view name, std::string_view value) {
    if (item_depth_ == 0 || frames_.size() != item_depth_) return;
    if (name == "role") {
      item_role_ = role_named(value);
      role_given_ = true;
    } else if (name == "type" && !role_given_) {
      role_of_item_type(value, item_role_);
    }
  }

  void add(json::Span span, bool escaped, bool json) {
    LaneText text;
    text.lane = {static_cast<std::uint32_t>(out_.texts.size()), rule_.role};
    text.span = span;
    text.escaped = escaped;
    text.json = json;
    out_.texts.push_back(text);
  }

  std::string_view body_;
  Lanes& out_;
  std::vector<Frame>& frames_;
  TopRule rule_;
  std::size_t item_depth_ = 0, item_first_ = 0;
  Role item_role_ = Role::user;
  bool role_given_ = false;
};

}  // namespace

void Lanes::clear() {
  texts.clear();
  finished.clear();
  names.clear();
  logprobs.clear();
  tokens = false;
  choices = {};
}

json::Fault find_request_lanes(std::string_view body, const json::Limits& limits, Lanes& out) {
  out.clear();
  RequestWalk walk(body, out);
  return json::scan_again_with(body, walk, limits);
}

}  // namespace kt::llm

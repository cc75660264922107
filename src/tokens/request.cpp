#include "kt/tokens/request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "kt/json/scan_inline.hpp"

namespace kt::tokens {
namespace {

// As the chat format wraps messages (OpenAI's cookbook): three tokens each, one for a name, three for the
// answer's beginning.
constexpr std::uint64_t kPerMessage = 3, kPerName = 1, kPerAnswer = 3;
constexpr std::uint64_t kPerImage = 765;             // 1024 x 1024 in high detail
constexpr std::uint64_t kBytesPerAudioToken = 4000;  // base64 of 16-bit PCM at 24 kHz: ten tokens a second

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 5> kTexts{"messages", "input", "prompt", "instructions", "system"};
constexpr std::array<std::string_view, 3> kSchemas{"tools", "functions", "response_format"};
// Members that a model never reads as text.
constexpr std::array<std::string_view, 10> kSilent{
    "role", "type", "id", "detail", "format", "tool_call_id", "call_id", "file_id", "status", "file_data"};

class FactsScan {
 public:
  FactsScan(std::string_view body, const Vocabulary* vocabulary, RequestFacts& facts)
      : body_(body), vocabulary_(vocabulary), facts_(facts) {
    facts_.exact = vocabulary != nullptr;
  }

  void begin_object(std::size_t at) {
    open(at);
    if (depth_ == 3 && top_ == "messages") facts_.input_tokens += kPerMessage;
    if (depth_ == 3) user_role_ = false;
  }
  void end_object(std::size_t end) {
    if (depth_ == 3 && user_role_ && list_begin_ != 0 && !facts_.conversation)
      facts_.conversation = json::Span{list_begin_, end};
    --depth_;
  }
  void begin_array(std::size_t at) {
    open(at);
    if (depth_ == 2 && (top_ == "messages" || top_ == "input")) list_begin_ = at;
  }
  void end_array(std::size_t) {
    --depth_;
    if (depth_ == 1 && top_ == "messages") facts_.input_tokens += kPerAnswer;
    if (depth_ == 2 && top_ == "input") note_input();
  }
  void name(json::Span span, bool) {
    const std::string_view text = span.of(body_);
    if (depth_ == 1) top_ = text;
    if (depth_ < names_.size()) names_[depth_] = text;
    if (depth_ > 1 && one_of(top_, kSchemas)) count(text, false);
  }
  void string(json::Span span, bool escaped) {
    const std::string_view raw = span.of(body_);
    if (depth_ == 1 && top_ == "user") facts_.user = span;
    if (depth_ == 1 && (top_ == "input" || top_ == "prompt")) facts_.conversation = span;
    const std::string_view member = depth_ < names_.size() ? names_[depth_] : std::string_view();
    if (depth_ == 3 && member == "role" && raw == "user") user_role_ = true;
    if (one_of(top_, kSchemas)) return count(raw, escaped);
    if (!one_of(top_, kTexts)) return;
    if (depth_ > 2 && (member == "url" || member == "image_url")) return image();
    if (depth_ > 2 && member == "data") return audio(raw.size());
    if (depth_ > 2 && one_of(member, kSilent)) return;
    if (depth_ == 3 && member == "name") facts_.input_tokens += kPerName;
    count(raw, escaped);
    if (depth_ <= 2) note_input();
  }
  void number(json::Span span) {
    if (depth_ >= 2 && (top_ == "input" || top_ == "prompt")) ++facts_.input_tokens;  // a token by its rank
    if (depth_ != 1) return;
    if (top_ == "max_tokens" || top_ == "max_completion_tokens" || top_ == "max_output_tokens")
      facts_.max_output = std::max(facts_.max_output.value_or(0), whole(span));
    if (top_ == "n") facts_.choices = std::max<std::uint64_t>(1, whole(span));
  }
  void literal(json::Span) {}

  void finish() {
    if (beyond_ == 0) return;
    const double ratio = std::max(0.25, counted_bytes_ == 0 ? 0.25
                                                            : static_cast<double>(counted_tokens_) /
                                                                  static_cast<double>(counted_bytes_));
    facts_.input_tokens += static_cast<std::uint64_t>(static_cast<double>(beyond_) * ratio);
    facts_.largest_input = facts_.input_tokens;
    facts_.exact = false;
  }

 private:
  void open(std::size_t) {
    ++depth_;
    if (depth_ < names_.size()) names_[depth_] = {};
  }

  void count(std::string_view raw, bool escaped) {
    if (vocabulary_ == nullptr) {
      beyond_ += raw.size();
      return;
    }
    const std::size_t room = kExactBytes - std::min(kExactBytes, counted_bytes_);
    const std::size_t taken = std::min(room, raw.size());
    beyond_ += raw.size() - taken;
    if (taken == 0) return;
    std::string_view text = raw.substr(0, taken);
    std::string plain;
    // A cut may fall into an escape; then the rest of the text counts as it stands.
    if (escaped && taken == raw.size()) text = plain = json::unescape(raw);
    const std::size_t tokens = vocabulary_->count(text);
    counted_bytes_ += taken;
    counted_tokens_ += tokens;
    facts_.input_tokens += tokens;
  }

  void note_input() {
    facts_.largest_input = std::max(facts_.largest_input, facts_.input_tokens - before_input_);
    before_input_ = facts_.input_tokens;
  }
  void image() {
    facts_.input_tokens += kPerImage;
    facts_.exact = false;
  }
  void audio(std::size_t bytes) {
    facts_.input_tokens += bytes / kBytesPerAudioToken + 1;
    facts_.exact = false;
  }
  [[nodiscard]] std::uint64_t whole(json::Span span) const {
    double value = 0;
    const std::string_view text = span.of(body_);
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value > 0 ? static_cast<std::uint64_t>(std::min(value, 1e15)) : 0;
  }

  std::string_view body_;
  const Vocabulary* vocabulary_;
  RequestFacts& facts_;
  std::string_view top_;
  std::array<std::string_view, 16> names_;  // the member at hand by depth; deeper ones have no meaning here
  std::size_t depth_ = 0, list_begin_ = 0;
  std::size_t counted_bytes_ = 0, counted_tokens_ = 0, beyond_ = 0;
  std::uint64_t before_input_ = 0;
  bool user_role_ = false;
};

}  // namespace

RequestFacts request_facts(std::string_view body, const Vocabulary* vocabulary) {
  RequestFacts facts;
  FactsScan scan(body, vocabulary, facts);
  static_cast<void>(json::scan_with(body, scan, json::Limits{512}));
  scan.finish();
  return facts;
}

}  // namespace kt::tokens

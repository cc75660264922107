#include "kt/llm/lane_text.hpp"

#include <utility>

#include "kt/json/scan.hpp"

namespace kt::llm {
namespace {

// One step through escaped text: how many bytes it takes, and what they mean.
struct Step {
  std::size_t raw = 0;
  std::string text;
};

bool is_surrogate(std::string_view escape, char low, char high) {
  if (escape.size() < 6 || escape[1] != 'u' || (escape[2] | 0x20) != 'd') return false;
  const char digit = static_cast<char>(escape[3] | 0x20);
  return digit >= low && digit <= high;
}

// Bytes of the escape at the front of `text`; 0: it is cut.
std::size_t escape_size(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[1] != 'u') return 2;
  if (text.size() < 6) return 0;
  if (!is_surrogate(text, '8', 'b')) return 6;
  if (text.size() > 6 && text[6] != '\\') return 6;
  if (text.size() > 7 && text[7] != 'u') return 6;
  if (text.size() < 12) return 0;
  return is_surrogate(text.substr(6), 'c', 'f') ? 12 : 6;
}

Step escape_step(std::string_view text, bool inner) {
  Step step;
  step.raw = escape_size(text);
  if (step.raw == 0 && inner) return {1, "\\"};  // cut: it stands as it came
  if (step.raw == 0) step.raw = 6;               // a lone surrogate at the string's end
  step.text = json::unescape(text.substr(0, step.raw));
  if (inner && step.text == "\"") step.text = kQuote;
  return step;
}

// Walks `raw` and its meaning side by side; position() takes offsets of the meaning in rising order.
class Walk {
 public:
  Walk(std::string_view raw, bool inner) : raw_(raw), inner_(inner) {}

  // The raw offset of a decoded offset. One inside an escape is that escape's begin.
  std::size_t position(std::size_t decoded) {
    while (decoded_ < decoded && at_ < raw_.size()) {
      if (raw_[at_] != '\\') {
        if (slash_ < at_ || slash_ == 0) slash_ = std::min(raw_.find('\\', at_), raw_.size());
        const std::size_t run = std::min(slash_ - at_, decoded - decoded_);
        at_ += run;
        decoded_ += run;
        continue;
      }
      const Step step = escape_step(raw_.substr(at_), inner_);
      if (decoded_ + step.text.size() > decoded) return at_;
      at_ += step.raw;
      decoded_ += step.text.size();
    }
    return at_;
  }

 private:
  std::string_view raw_;
  bool inner_;
  std::size_t at_ = 0, decoded_ = 0;
  std::size_t slash_ = 0;  // the next backslash, found once for all positions before it
};

std::string decode_inner(std::string_view text) {
  std::string out;
  ArgumentsDecoder decoder;
  decoder.take(text, out);
  out.append(decoder.rest());
  return out;
}

// Edits of the meaning as edits of the bytes.
std::vector<Edit> to_raw(std::string_view raw, bool inner, std::span<const Edit> edits) {
  std::vector<Edit> result;
  Walk walk(raw, inner);
  for (const Edit& edit : edits) {
    const std::size_t begin = walk.position(edit.begin);
    result.push_back({begin, walk.position(edit.end), edit.text});
  }
  return result;
}

// The replacements of arguments as JSON: inside a string escaped, outside of one a string.
void encode_inner(std::string_view text, std::vector<Edit>& edits) {
  ArgumentsEncoder encoder;
  std::string passed;
  std::size_t at = 0;
  for (Edit& edit : edits) {
    passed.clear();
    encoder.pass(text.substr(at, edit.begin - at), passed);
    std::string marker;
    encoder.replace(text.substr(edit.begin, edit.end - edit.begin), edit.text, marker);
    edit.text = std::move(marker);
    at = edit.end;
  }
}

}  // namespace

std::string lane_text(std::string_view raw, bool json) {
  const std::string text = json::unescape(raw);
  return json ? decode_inner(text) : text;
}

std::string splice_lane(std::string_view raw, bool json, std::span<const Edit> edits) {
  std::vector<Edit> changes(edits.begin(), edits.end());
  if (json) {
    const std::string once = json::unescape(raw);
    encode_inner(decode_inner(once), changes);
    changes = to_raw(once, true, changes);
  }
  changes = to_raw(raw, false, changes);
  std::string out;
  std::size_t at = 0;
  for (const Edit& edit : changes) {
    out.append(raw.substr(at, edit.begin - at));
    json::escape(edit.text, out);
    at = edit.end;
  }
  out.append(raw.substr(at));
  return out;
}

void ArgumentsDecoder::take(std::string_view piece, std::string& out) {
  std::string joined;
  if (!rest_.empty()) {
    joined = std::move(rest_);
    joined.append(piece);
    rest_.clear();
    piece = joined;
  }
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t slash = std::min(piece.find('\\', at), piece.size());
    out.append(piece.substr(at, slash - at));
    if (slash == piece.size()) return;
    if (escape_size(piece.substr(slash)) == 0) {
      rest_.assign(piece.substr(slash));
      return;
    }
    const Step step = escape_step(piece.substr(slash), true);
    out.append(step.text);
    at = slash + step.raw;
  }
}

void ArgumentsEncoder::pass(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with(kQuote)) {
      out.append("\\\"");
      at += kQuote.size();
      continue;
    }
    const char c = text[at++];
    if (c == '"') {
      in_string_ = !in_string_;
      out += c;
    } else if (in_string_) {
      json::escape({&c, 1}, out);
    } else {
      out += c;
    }
  }
}

void ArgumentsEncoder::replace(std::string_view original, std::string_view marker, std::string& out) {
  bool in_string = in_string_;
  pass(replace_in_arguments(original, marker, in_string), out);
}

std::string replace_in_arguments(std::string_view original, std::string_view marker, bool& in_string) {
  constexpr std::string_view kStructure = "{}[],: \t\r\n\"";
  std::string out;
  bool placed = false;
  const auto place = [&] {
    if (std::exchange(placed, true)) return;
    for (const char c : marker) {
      if (c == '"') {
        out.append(kQuote);
      } else {
        out += c;
      }
    }
  };
  for (std::size_t at = 0; at < original.size();) {
    if (in_string) {
      place();
      at = original.find('"', at);
      if (at == original.npos) break;
    } else if (kStructure.find(original[at]) == kStructure.npos) {
      out += '"';
      place();
      out += '"';
      at = std::min(original.find_first_of(kStructure, at), original.size());
      continue;
    }
    in_string ^= original[at] == '"';
    out += original[at++];
  }
  if (in_string) place();
  return out;
}

}  // namespace kt::llm

// A recursive descent over RE2's syntax. For each part two patterns are made: `whole`, which matches what the
// part matches, and `begun`, which matches what is not yet all of it:
//   begun(c) = nothing read yet     begun(AB) = begun(A) | whole(A) begun(B)     begun(A|B) = begun(A) |
//   begun(B) begun(A*) = whole(A)* begun(A)
// An assertion (\b, $) speaks of the next character: at the end of what has arrived it counts as begun.
#include "text/pattern_beginnings.hpp"

#include <algorithm>
#include <vector>

namespace kt::text {
namespace {

struct Part {
  std::string whole;
  std::optional<std::string> begun;  // none: it has no beginning that is not all of it
  std::size_t shortest = 0;
};

constexpr int kDeepest = 64;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Part> alternatives(int depth) {
    if (depth > kDeepest) return std::nullopt;
    std::optional<Part> out = sequence(depth);
    while (out && take('|')) {
      const std::optional<Part> other = sequence(depth);
      if (!other) return std::nullopt;
      out->whole += "|" + other->whole;
      if (other->begun) out->begun = out->begun ? *out->begun + "|" + *other->begun : *other->begun;
      out->shortest = std::min(out->shortest, other->shortest);
    }
    if (out) out->whole = "(?:" + out->whole + ")";
    return out;
  }

  [[nodiscard]] bool done() const { return at_ == text_.size(); }

  // Flags that stand before everything: (?i), (?s-m).
  std::string leading_flags() {
    if (!text_.starts_with("(?")) return {};
    const std::size_t end = text_.find_first_not_of("imsU-", 2);
    if (end == text_.npos || end == 2 || text_[end] != ')') return {};
    at_ = end + 1;
    return std::string(text_.substr(0, at_));
  }

 private:
  [[nodiscard]] bool more() const { return at_ < text_.size(); }
  bool take(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // From the last part to the first: begun(A(BC)) = begun(A) | A begun(BC).
  std::optional<Part> sequence(int depth) {
    std::vector<Part> parts;
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      std::optional<Part> part = atom(depth);
      if (!part || !repeated(*part)) return std::nullopt;
      parts.push_back(std::move(*part));
    }
    Part out;
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
      if (out.begun) {
        out.begun = part->whole + "(?:" + *out.begun + ")";
        if (part->begun) out.begun = "(?:" + *part->begun + ")|" + *out.begun;
      } else {
        out.begun = part->begun;
      }
      out.whole = part->whole + out.whole;
      out.shortest += part->shortest;
    }
    return out;
  }

  std::optional<Part> atom(int depth) {
    switch (text_[at_]) {
      case '(':
        return group(depth);
      case '[':
        return character_class();
      case '\\':
        return escape();
      case '^':
      case '$':
        return assertion(std::string(1, text_[at_++]));
      default:
        return character();
    }
  }

  static Part one(std::string whole) { return {std::move(whole), std::string(), 1}; }
  static Part assertion(const std::string& text) { return {"(?:" + text + "|\\z)", std::string(), 0}; }

  Part character() {
    const std::size_t begin = at_++;
    while (more() && (static_cast<unsigned char>(text_[at_]) & 0xc0) == 0x80) ++at_;
    return one(std::string(text_.substr(begin, at_ - begin)));
  }

  std::optional<Part> group(int depth) {
    ++at_;
    std::string open = "(?:";
    if (take('?')) {
      const std::size_t begin = at_;
      if (take('P') || (more() && text_[at_] == '<')) {
        at_ = text_.find('>', at_);
        if (at_ == text_.npos) return std::nullopt;
        ++at_;
      } else {
        at_ = text_.find_first_not_of("imsU-", at_);
        if (at_ == text_.npos || text_[at_] != ':') return std::nullopt;  // flags for the rest of a group
        open = "(?" + std::string(text_.substr(begin, ++at_ - begin));
      }
    }
    std::optional<Part> inner = alternatives(depth + 1);
    if (!inner || !take(')')) return std::nullopt;
    inner->whole = open + inner->whole + ")";
    if (inner->begun) inner->begun = open + *inner->begun + ")";
    return inner;
  }

  std::optional<Part> character_class() {
    const std::size_t begin = at_++;
    take('^');
    take(']');
    while (more() && text_[at_] != ']') {
      if (text_[at_] == '[' && at_ + 1 < text_.size() && text_[at_ + 1] == ':') {
        at_ = text_.find(":]", at_);
        if (at_ == text_.npos) return std::nullopt;
        at_ += 2;
      } else {
        at_ += text_[at_] == '\\' ? 2 : 1;
      }
    }
    if (at_ >= text_.size()) return std::nullopt;
    ++at_;
    return one(std::string(text_.substr(begin, at_ - begin)));
  }

  std::optional<Part> escape() {
    const std::size_t begin = at_++;
    if (!more()) return std::nullopt;
    const char c = text_[at_++];
    if (c == 'Q' || c == 'E' || c == 'C') return std::nullopt;
    if (c == 'b' || c == 'B' || c == 'A' || c == 'z') return assertion({'\\', c});
    if ((c == 'p' || c == 'P' || c == 'x') && more() && text_[at_] == '{') {
      at_ = text_.find('}', at_);
      if (at_ == text_.npos) return std::nullopt;
      ++at_;
    } else if (c == 'p' || c == 'P') {
      ++at_;
    } else if (c == 'x') {
      at_ += 2;
    } else if (c >= '0' && c <= '7') {
      for (int i = 0; i < 2 && more() && text_[at_] >= '0' && text_[at_] <= '7'; ++i) ++at_;
    }
    if (at_ > text_.size()) return std::nullopt;
    return one(std::string(text_.substr(begin, at_ - begin)));
  }

  struct Count {
    unsigned least = 0, most = 0;
    bool endless = false;
    std::size_t end = 0;
  };

  // {2}, {2,}, {2,5} at the place; end 0: a brace that is a character.
  [[nodiscard]] Count braces() const {
    Count out;
    std::size_t i = at_ + 1;
    const auto digits = [&](unsigned& value) {
      const std::size_t begin = i;
      while (i < text_.size() && text_[i] >= '0' && text_[i] <= '9' && i - begin < 5)
        value = value * 10 + static_cast<unsigned>(text_[i++] - '0');
      return i > begin;
    };
    if (!digits(out.least)) return {};
    out.most = out.least;
    if (i < text_.size() && text_[i] == ',') {
      ++i;
      out.most = 0;
      out.endless = !digits(out.most);
    }
    if (i >= text_.size() || text_[i] != '}') return {};
    out.end = i + 1;
    return out;
  }

  // Applies the repetitions that follow.
  bool repeated(Part& part) {
    while (more()) {
      Count count;
      const char c = text_[at_];
      if (c == '*' || c == '+' || c == '?') {
        count = {c == '+' ? 1u : 0u, 1, c != '?', at_ + 1};
      } else if (c == '{') {
        count = braces();
      }
      if (count.end == 0) return true;
      const std::string how(text_.substr(at_, count.end - at_));
      at_ = count.end;
      take('?');
      const std::string unit = "(?:" + part.whole + ")";
      part.whole = unit + how;
      part.shortest *= count.least;
      if (!part.begun) continue;
      if (count.endless) {
        part.begun = unit + "*(?:" + *part.begun + ")";
      } else if (count.most == 0) {
        part.begun.reset();
      } else if (count.most > 1) {
        part.begun = unit + "{0," + std::to_string(count.most - 1) + "}(?:" + *part.begun + ")";
      }
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Beginnings> beginnings_of(std::string_view pattern) {
  Reader reader(pattern);
  const std::string flags = reader.leading_flags();
  const std::optional<Part> part = reader.alternatives(0);
  if (!part || !reader.done()) return std::nullopt;
  return Beginnings{flags + "(?:" + part->begun.value_or("") + ")\\z", part->shortest};
}

}  // namespace kt::text

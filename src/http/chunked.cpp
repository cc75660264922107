#include <algorithm>

#include "http/chars.hpp"
#include "kt/http/head.hpp"

namespace kt::http {
namespace {

constexpr std::size_t kMaxExtension = 256, kMaxTrailers = 8u << 10;
constexpr std::uint64_t kFreeOverhead =
    16u << 10;  // then as much as the body: single-byte chunks cost more than they carry
constexpr std::uint64_t kMaxSize = 0x7fffffffffffffff;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

bool is_space(char c) { return c == ' ' || c == '\t'; }

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::bad(const char* reason) {
  phase_ = Phase::bad;
  return {State::bad, 0, {}, reason};
}

// Framing bytes are bounded by what they frame; the smallest honest chunk has five of them for one byte.
bool ChunkedDecoder::overhead(std::size_t bytes) {
  overhead_bytes_ += bytes;
  return overhead_bytes_ > kFreeOverhead + 8 * body_bytes_;
}

// chunk-ext = *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] ), one byte at a time.
bool ChunkedDecoder::extension_byte(char c) {
  const bool token = chars::is(c, chars::kToken);
  switch (ext_) {
    case Ext::before_semicolon:
    case Ext::after_value:
      if (c == ';') ext_ = Ext::before_name;
      return c == ';' || is_space(c);
    case Ext::before_name:
      if (token) ext_ = Ext::name;
      return token || is_space(c);
    case Ext::name:
      if (token) return true;
      [[fallthrough]];
    case Ext::after_name:
      ext_ = c == '=' ? Ext::before_value : c == ';' ? Ext::before_name : Ext::after_name;
      return c == '=' || c == ';' || is_space(c);
    case Ext::before_value:
      if (token) ext_ = Ext::value;
      if (c == '"') ext_ = Ext::quoted;
      return token || c == '"' || is_space(c);
    case Ext::value:
      if (token) return true;
      ext_ = c == ';' ? Ext::before_name : Ext::after_value;
      return c == ';' || is_space(c);
    case Ext::quoted:
      if (c == '"') ext_ = Ext::after_value;
      if (c == '\\') ext_ = Ext::quoted_pair;
      return chars::is(c, chars::kValue);
    case Ext::quoted_pair:
      ext_ = Ext::quoted;
      return chars::is(c, chars::kValue);
  }
  return false;
}

ChunkedDecoder::Step ChunkedDecoder::step(std::string_view input) {
  if (phase_ == Phase::done) return {State::done};
  if (phase_ == Phase::bad) return {State::bad, 0, {}, "a malformed chunk"};
  std::size_t at = 0;
  while (at < input.size()) {
    const char c = input[at];
    if (phase_ == Phase::data) {
      const std::string_view run = input.substr(at, size_);
      size_ -= run.size();
      body_bytes_ += run.size();
      if (size_ == 0) phase_ = Phase::data_cr;
      return {State::more, at + run.size(), run};
    }
    ++at;
    if (overhead(1)) return bad("chunks with too little in them");
    switch (phase_) {
      case Phase::size:
        if (chars::is(c, chars::kHex)) {
          if (size_ > (kMaxSize >> 4)) return bad("a chunk size that is too large");
          size_ = size_ * 16 + static_cast<std::uint64_t>(hex_value(c));
          any_digit_ = true;
          if (++line_bytes_ > 32) return bad("a chunk size that is too long");
          break;
        }
        if (!any_digit_) return bad("a malformed chunk size");
        line_bytes_ = 0;
        ext_ = Ext::before_semicolon;
        phase_ = Phase::extension;
        [[fallthrough]];
      case Phase::extension:
        if (c == '\r') {
          const bool open = ext_ == Ext::before_name || ext_ == Ext::before_value || ext_ == Ext::quoted ||
                            ext_ == Ext::quoted_pair;
          if (open || (ext_ == Ext::before_semicolon && line_bytes_ > 0))
            return bad("a malformed chunk extension");
          phase_ = Phase::size_lf;
        } else if (++line_bytes_ > kMaxExtension || !extension_byte(c)) {
          return bad("a malformed or overlong chunk extension");
        }
        break;
      case Phase::size_lf:
        if (c != '\n') return bad("a bare CR after a chunk size");
        line_bytes_ = 0;
        any_digit_ = false;
        phase_ = size_ == 0 ? Phase::trailer_start : Phase::data;
        break;
      case Phase::data_cr:
        if (c != '\r') return bad("a chunk that is longer than its size");
        phase_ = Phase::data_lf;
        break;
      case Phase::data_lf:
        if (c != '\n') return bad("a chunk that is longer than its size");
        phase_ = Phase::size;
        break;
      case Phase::trailer_start:
        if (c == '\r') {
          phase_ = Phase::end_lf;
          break;
        }
        if (!chars::is(c, chars::kToken)) return bad("a malformed trailer");
        phase_ = Phase::trailer_name;
        [[fallthrough]];
      case Phase::trailer_name:
        if (++line_bytes_ > kMaxTrailers) return bad("trailers that are too large");
        if (c == ':') {
          phase_ = Phase::trailer_value;
        } else if (!chars::is(c, chars::kToken)) {
          return bad("a malformed trailer");
        }
        break;
      case Phase::trailer_value:
        if (++line_bytes_ > kMaxTrailers) return bad("trailers that are too large");
        if (c == '\r') {
          phase_ = Phase::trailer_lf;
        } else if (!chars::is(c, chars::kValue)) {
          return bad("a malformed trailer");
        }
        break;
      case Phase::trailer_lf:
        if (c != '\n') return bad("a bare CR in a trailer");
        phase_ = Phase::trailer_start;
        break;
      case Phase::end_lf:
        if (c != '\n') return bad("a bare CR at the end of the body");
        phase_ = Phase::done;
        return {State::done, at};
      case Phase::data:
      case Phase::done:
      case Phase::bad:
        break;
    }
  }
  return {State::more, at};
}

}  // namespace kt::http

#include <algorithm>

#include "http/chars.hpp"
#include "http/fields.hpp"

namespace kt::http {
namespace {

Scan read_status_line(std::string_view bytes, ResponseHead& head) {
  constexpr std::string_view kShape = "HTTP/1.";
  if (bytes.substr(0, 7) != kShape.substr(0, bytes.size())) return reject("not an HTTP/1.x status line");
  if (bytes.size() > 7 && bytes[7] != '0' && bytes[7] != '1')
    return reject("the HTTP version is not supported");
  if (bytes.size() > 8 && bytes[8] != ' ') return reject("a malformed status line");
  for (std::size_t i = 9; i < std::min<std::size_t>(bytes.size(), 12); ++i) {
    if (!chars::is(bytes[i], chars::kDigit)) return reject("a malformed status line");
  }
  if (bytes.size() > 12 && bytes[12] != ' ' && bytes[12] != '\r') return reject("a malformed status line");
  if (bytes.size() < 13) return incomplete();
  std::size_t at = 12;
  while (at < bytes.size() && chars::is(bytes[at], chars::kValue)) ++at;
  if (at == bytes.size()) return incomplete();
  if (bytes[at] != '\r') return reject("a malformed status line");
  if (at + 1 == bytes.size()) return incomplete();
  if (bytes[at + 1] != '\n') return reject("a malformed status line");
  head.minor = bytes[7] - '0';
  head.status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0');
  if (head.status < 100 || head.status > 599) return reject("an unknown status");
  head.reason = at > 12 ? bytes.substr(13, at - 13) : std::string_view();
  return {HeadState::complete, at + 2};
}

Scan read_meaning(bool to_head, ResponseHead& head) {
  const Field* length = nullptr;
  const Field* coding = nullptr;
  bool close = false, keep = false;
  for (const Field& field : head.fields) {
    if (chars::iequals(field.name, std::string_view("content-length"))) {
      if (length != nullptr && length->value != field.value) return reject("differing Content-Length");
      length = &field;
    } else if (chars::iequals(field.name, std::string_view("transfer-encoding"))) {
      if (coding != nullptr) return reject("more than one Transfer-Encoding");
      coding = &field;
    } else if (chars::iequals(field.name, std::string_view("connection"))) {
      close |= list_has(field.value, "close");
      keep |= list_has(field.value, "keep-alive");
    }
  }
  head.keep_alive = !close && (head.minor >= 1 || keep);
  head.content_length = 0;
  head.framing = Framing::none;
  if (length != nullptr && !parse_length(length->value, head.content_length))
    return reject("a malformed Content-Length");
  if (coding != nullptr) {
    if (length != nullptr) return reject("both Content-Length and Transfer-Encoding");
    if (head.minor == 0) return reject("Transfer-Encoding in an HTTP/1.0 answer");
    if (!chars::iequals(coding->value, std::string_view("chunked")))
      return reject("a Transfer-Encoding other than chunked");
  }
  if (head.status == 101) return reject("a protocol switch nobody asked for");
  if (to_head || head.status < 200 || head.status == 204 || head.status == 304) {
    head.content_length = 0;
    return {};
  }
  head.framing = coding != nullptr   ? Framing::chunked
                 : length != nullptr ? Framing::length
                                     : Framing::until_close;
  return {};
}

}  // namespace

HeadResult parse_response_head(std::string_view bytes, const HeadLimits& limits, bool to_head,
                               ResponseHead& head) {
  Scan scan = read_status_line(bytes, head);
  if (scan.state == HeadState::complete) scan = scan_fields(bytes, scan.end, head.fields);
  if (scan.state == HeadState::incomplete && bytes.size() > limits.max_head_bytes)
    scan = reject("the head is too large");
  if (scan.state != HeadState::complete) return {scan.state, 0, scan.status, scan.reason};
  if (scan.end > limits.max_head_bytes) return {HeadState::reject, 0, 400, "the head is too large"};
  const Scan meaning = read_meaning(to_head, head);
  if (meaning.state == HeadState::reject) return {HeadState::reject, 0, 400, meaning.reason};
  return {HeadState::complete, scan.end};
}

}  // namespace kt::http

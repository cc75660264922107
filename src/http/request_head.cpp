#include <algorithm>

#include "http/chars.hpp"
#include "http/fields.hpp"

namespace kt::http {
namespace {

constexpr std::string_view kVersion = "HTTP/1.";

Method method_of(std::string_view text) {
  switch (text.size()) {
    case 3:
      return text == "GET" ? Method::get : text == "PUT" ? Method::put : Method::other;
    case 4:
      return text == "POST" ? Method::post : text == "HEAD" ? Method::head : Method::other;
    case 5:
      return text == "PATCH" ? Method::patch : Method::other;
    case 6:
      return text == "DELETE" ? Method::del : Method::other;
    case 7:
      return text == "OPTIONS" ? Method::options : Method::other;
    default:
      return Method::other;
  }
}

// host[:port] of RFC 3986, without user information.
bool valid_authority(std::string_view text) {
  std::size_t at = 0;
  if (text.starts_with('[')) {
    at = text.find(']');
    if (at == text.npos || at == 1) return false;
    for (const char c : text.substr(1, at - 1)) {
      if (!chars::is(c, chars::kHex) && c != ':' && c != '.') return false;
    }
    ++at;
  } else {
    while (at < text.size() && chars::is(text[at], chars::kHost)) ++at;
    if (at == 0) return false;
  }
  if (at == text.size()) return true;
  if (text[at] != ':') return false;
  const std::string_view port = text.substr(at + 1);
  std::uint64_t number = 0;
  return port.empty() || (parse_length(port, number) && number <= 65535);
}

// Printable ASCII without '#', every '%' with two hex digits.
bool valid_target_bytes(std::string_view target) {
  for (std::size_t i = 0; i < target.size(); ++i) {
    if (!chars::is(target[i], chars::kTarget)) return false;
    if (target[i] == '%' && (i + 2 >= target.size() || !chars::is(target[i + 1], chars::kHex) ||
                             !chars::is(target[i + 2], chars::kHex))) {
      return false;
    }
  }
  return true;
}

void split_query(std::string_view text, RequestHead& head) {
  const std::size_t mark = text.find('?');
  head.path = text.substr(0, mark);
  head.query = mark == text.npos ? std::string_view() : text.substr(mark + 1);
}

const char* read_absolute_form(RequestHead& head) {
  const std::size_t scheme = head.target.find("://");
  if (scheme == head.target.npos ||
      (!chars::iequals(head.target.substr(0, scheme), std::string_view("http")) &&
       !chars::iequals(head.target.substr(0, scheme), std::string_view("https")))) {
    return "a request target in no known form";
  }
  const std::string_view rest = head.target.substr(scheme + 3);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  head.host = rest.substr(0, end);
  if (!valid_authority(head.host)) return "a malformed authority in the request target";
  split_query(rest.substr(end), head);
  if (head.path.empty()) head.path = "/";
  return nullptr;
}

const char* read_target(RequestHead& head) {
  head.path = head.query = head.host = {};
  if (!valid_target_bytes(head.target)) return "a byte that is not allowed in the request target";
  if (head.target.front() == '/') {
    split_query(head.target, head);
    return nullptr;
  }
  if (head.target == "*" && head.method == Method::options) {
    head.path = head.target;
    return nullptr;
  }
  return read_absolute_form(head);
}

Scan read_request_line(std::string_view bytes, std::size_t begin, const HeadLimits& limits,
                       RequestHead& head) {
  std::size_t at = begin;
  while (at < bytes.size() && chars::is(bytes[at], chars::kToken)) ++at;
  if (at - begin > 32) return reject("an unknown method", 501);
  if (at == bytes.size()) return incomplete();
  if (bytes[at] != ' ' || at == begin) return reject("a malformed request line");
  head.method_text = bytes.substr(begin, at - begin);
  head.method = method_of(head.method_text);

  const std::size_t target = ++at;
  while (at < bytes.size() && static_cast<unsigned char>(bytes[at]) > ' ') ++at;
  if (at - target > limits.max_target_bytes) return reject("the request target is too long", 414);
  if (at == bytes.size()) return incomplete();
  if (bytes[at] != ' ' || at == target) return reject("a malformed request line");
  head.target = bytes.substr(target, at - target);

  const std::string_view version = bytes.substr(at + 1, 10);  // "HTTP/1.1\r\n"
  if (version.substr(0, 7) != kVersion.substr(0, version.size())) {
    const bool other = version.starts_with("HTTP/") && version.size() >= 8 &&
                       chars::is(version[5], chars::kDigit) && version[6] == '.';
    return reject("the HTTP version is not supported", other ? 505 : 400);
  }
  if (version.size() > 7 && version[7] != '0' && version[7] != '1')
    return reject("the HTTP version is not supported", 505);
  if (version.size() > 8 && version[8] != '\r') return reject("a malformed request line");
  if (version.size() < 10) return incomplete();
  if (version[9] != '\n') return reject("a malformed request line");
  head.minor = version[7] - '0';
  if (const char* fault = read_target(head)) return reject(fault);
  return {HeadState::complete, at + 11};
}

// Fields that must not come twice, because two readers could pick different ones.
constexpr std::string_view kSingle[] = {
    "host",    "content-length", "transfer-encoding", "content-type", "content-encoding", "authorization",
    "api-key", "expect"};

struct Framers {
  const Field* single[std::size(kSingle)] = {};
  bool close = false, keep = false;
};

Scan collect(const Fields& fields, Framers& framers) {
  for (const Field& field : fields) {
    if (field.name.size() == 10 && chars::iequals(field.name, std::string_view("connection"))) {
      framers.close |= list_has(field.value, "close");
      framers.keep |= list_has(field.value, "keep-alive");
      continue;
    }
    for (std::size_t i = 0; i < std::size(kSingle); ++i) {
      if (!chars::iequals(field.name, kSingle[i])) continue;
      if (framers.single[i] != nullptr) return reject("a header that must not be repeated");
      framers.single[i] = &field;
      break;
    }
  }
  return {};
}

Scan read_framing(const Framers& framers, RequestHead& head) {
  const Field* length = framers.single[1];
  const Field* coding = framers.single[2];
  head.framing = Framing::none;
  head.content_length = 0;
  if (coding != nullptr) {
    if (head.minor == 0) return reject("Transfer-Encoding in an HTTP/1.0 request");
    if (length != nullptr) return reject("both Content-Length and Transfer-Encoding");
    if (!chars::iequals(coding->value, std::string_view("chunked")))
      return reject("a Transfer-Encoding other than chunked");
    head.framing = Framing::chunked;
  } else if (length != nullptr) {
    if (!parse_length(length->value, head.content_length)) return reject("a malformed Content-Length");
    if (head.content_length > 0) head.framing = Framing::length;
  }
  return {};
}

Scan read_meaning(RequestHead& head) {
  Framers framers;
  if (const Scan twice = collect(head.fields, framers); twice.state == HeadState::reject) return twice;
  const Field* host = framers.single[0];
  if (host == nullptr && head.minor >= 1) return reject("the Host header is missing");
  if (host != nullptr && !valid_authority(host->value)) return reject("a malformed Host header");
  if (head.host.empty() && host != nullptr) head.host = host->value;
  if (const Scan framing = read_framing(framers, head); framing.state == HeadState::reject) return framing;
  if (const Field* expect = framers.single[7]) {
    if (!chars::iequals(expect->value, std::string_view("100-continue")))
      return reject("an expectation that cannot be met", 417);
  }
  head.expect_continue = framers.single[7] != nullptr && head.minor >= 1;
  head.keep_alive = !framers.close && (head.minor >= 1 || framers.keep);
  if (head.method_text == "CONNECT") return reject("the method is not supported", 501);
  return {};
}

HeadResult as_result(const Scan& scan) { return {scan.state, scan.end, scan.status, scan.reason}; }

}  // namespace

HeadResult parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head) {
  std::size_t at = 0;
  while (at < 4 && bytes.substr(at, 2) == "\r\n") at += 2;  // RFC 9112 2.2: empty lines before a request
  if (bytes.substr(at) == "\r" || at == bytes.size()) return {};
  const Scan line = read_request_line(bytes, at, limits, head);
  const bool too_large = bytes.size() > limits.max_head_bytes;
  if (line.state == HeadState::incomplete && too_large)
    return as_result(reject("the request head is too large", 431));
  if (line.state != HeadState::complete) return as_result(line);
  const Scan fields = scan_fields(bytes, line.end, head.fields);
  if (fields.state == HeadState::incomplete && too_large)
    return as_result(reject("the request head is too large", 431));
  if (fields.state != HeadState::complete) return as_result(fields);
  if (fields.end > limits.max_head_bytes) return as_result(reject("the request head is too large", 431));
  if (const Scan meaning = read_meaning(head); meaning.state == HeadState::reject) return as_result(meaning);
  return {HeadState::complete, fields.end};
}

}  // namespace kt::http

#include "kt/http/writer.hpp"

#include <algorithm>
#include <charconv>

#include "http/chars.hpp"

namespace kt::http {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

bool valid_field_name(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return chars::is(c, chars::kToken); });
}

bool valid_field_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return chars::is(c, chars::kValue); });
}

void HeadWriter::status(int code) {
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, code).ptr;
  out_.append("HTTP/1.1 ").append(digits, end).append(" ").append(reason_phrase(code)).append("\r\n");
}

void HeadWriter::request(std::string_view method, std::string_view target) {
  out_.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
}

bool HeadWriter::field(std::string_view name, std::string_view value) {
  if (!valid_field_name(name) || !valid_field_value(value)) return false;
  own_field(name, value);
  return true;
}

void HeadWriter::own_field(std::string_view name, std::string_view value) {
  out_.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace kt::http

#include "kt/http/error_body.hpp"

#include <cstdio>

namespace kt::http {
namespace {

void quote(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::string error_body(const Error& error, const ErrorContext& context) {
  const CodeInfo& code = info(error.code);
  std::string out = "{\"error\":{\"message\":";
  quote(error.message, out);
  out += ",\"type\":";
  quote(code.type, out);
  out += ",\"param\":";
  if (context.param.empty()) {
    out += "null";
  } else {
    quote(context.param, out);
  }
  out += ",\"code\":";
  quote(code.name, out);
  if (!context.policy.empty()) {
    out += ",\"policy\":";
    quote(context.policy, out);
  }
  out += "}}";
  return out;
}

}  // namespace kt::http

#pragma once
// {"error":{"message","type","param","code"[,"policy"]}}: the shape both OpenAI SDKs and the documentation
// know.

#include <string>
#include <string_view>

#include "kt/base/error.hpp"

namespace kt::http {

struct ErrorContext {
  std::string_view param = {};   // empty = null
  std::string_view policy = {};  // empty = left out
};

std::string error_body(const Error& error, const ErrorContext& context = {});

}  // namespace kt::http

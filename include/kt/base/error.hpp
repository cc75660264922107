#pragma once
// What failed, whose fault it is, and whether another attempt may help. Never carries a secret or prompt
// text.

#include <string>
#include <string_view>

namespace kt {

// Whose fault a failure is; decides between 4xx, 5xx and 502.
enum class Source : unsigned char { client, gateway, upstream };

// Every way an exchange can fail. The table in base/error.cpp gives each its status, type and wire code.
enum class Code : unsigned char {
  internal,
  // client
  bad_request,
  invalid_json,
  duplicate_key,
  invalid_field,
  unprocessable,
  unauthenticated,
  forbidden,
  not_found,
  model_not_found,
  deployment_not_found,
  method_not_allowed,
  request_timeout,
  too_large,
  uri_too_long,
  unsupported_media_type,
  expectation_failed,
  header_too_large,
  not_implemented,
  context_length_exceeded,
  client_closed,
  // verdicts and limits
  input_blocked,
  output_blocked,
  escalation_required,
  rate_limited,
  // gateway
  overloaded,
  draining,
  no_healthy_target,
  circuit_open,
  audit_unavailable,
  policy_error,
  // upstream
  upstream_connect,
  upstream_connect_timeout,
  upstream_tls,
  upstream_dns,
  upstream_reset,
  upstream_truncated,
  upstream_timeout,
  upstream_idle_timeout,
  upstream_protocol,
  upstream_too_large,
  upstream_credential,
};

struct CodeInfo {
  int status;             // HTTP status before the commit point
  std::string_view type;  // error.type on the wire
  std::string_view name;  // error.code on the wire
  Source source;
  bool retryable;  // may another target or attempt succeed?
};

const CodeInfo& info(Code code) noexcept;

struct [[nodiscard]] Error {
  Code code = Code::internal;
  std::string message;      // safe to show to a client
  std::string detail = {};  // safe for the operator's log; never sent to a client
};

}  // namespace kt

#include "kt/base/error.hpp"

namespace kt {

const CodeInfo& info(Code code) noexcept {
  using enum Source;
  static constexpr CodeInfo kInternal{500, "internal_error", "internal_error", gateway, false};
  static constexpr CodeInfo kBadRequest{400, "validation_error", "bad_request", client, false};
  static constexpr CodeInfo kInvalidJson{400, "validation_error", "invalid_json", client, false};
  static constexpr CodeInfo kDuplicateKey{400, "validation_error", "duplicate_key", client, false};
  static constexpr CodeInfo kInvalidField{400, "validation_error", "invalid_field", client, false};
  static constexpr CodeInfo kUnprocessable{422, "validation_error", "unprocessable", client, false};
  static constexpr CodeInfo kUnauthenticated{401, "authentication_error", "invalid_api_key", client, false};
  static constexpr CodeInfo kForbidden{403, "permission_error", "permission_denied", client, false};
  static constexpr CodeInfo kNotFound{404, "not_found_error", "unknown_url", client, false};
  static constexpr CodeInfo kModelNotFound{404, "not_found_error", "model_not_found", client, false};
  static constexpr CodeInfo kDeployment{404, "not_found_error", "DeploymentNotFound", client, false};
  static constexpr CodeInfo kMethod{405, "validation_error", "method_not_allowed", client, false};
  static constexpr CodeInfo kRequestTimeout{408, "validation_error", "request_timeout", client, false};
  static constexpr CodeInfo kTooLarge{413, "validation_error", "request_too_large", client, false};
  static constexpr CodeInfo kUriTooLong{414, "validation_error", "uri_too_long", client, false};
  static constexpr CodeInfo kMediaType{415, "validation_error", "unsupported_media_type", client, false};
  static constexpr CodeInfo kExpectation{417, "validation_error", "expectation_failed", client, false};
  static constexpr CodeInfo kHeaderTooLarge{431, "validation_error", "header_too_large", client, false};
  static constexpr CodeInfo kNotImplemented{501, "validation_error", "not_implemented", client, false};
  static constexpr CodeInfo kContext{400, "validation_error", "context_length_exceeded", client, false};
  static constexpr CodeInfo kClientClosed{499, "validation_error", "client_closed", client, false};
  static constexpr CodeInfo kInputBlocked{409, "policy_violation", "input_blocked", gateway, false};
  static constexpr CodeInfo kOutputBlocked{409, "policy_violation", "output_blocked", gateway, false};
  static constexpr CodeInfo kEscalation{409, "policy_violation", "escalation_required", gateway, false};
  static constexpr CodeInfo kRateLimited{429, "rate_limit", "rate_limit_exceeded", gateway, false};
  static constexpr CodeInfo kOverloaded{503, "overloaded", "overloaded", gateway, false};
  static constexpr CodeInfo kDraining{503, "overloaded", "draining", gateway, false};
  static constexpr CodeInfo kNoTarget{503, "overloaded", "no_healthy_target", gateway, false};
  static constexpr CodeInfo kCircuit{503, "overloaded", "circuit_open", gateway, true};
  static constexpr CodeInfo kAudit{503, "overloaded", "audit_unavailable", gateway, false};
  static constexpr CodeInfo kPolicy{503, "overloaded", "policy_error", gateway, false};
  static constexpr CodeInfo kConnect{502, "upstream_error", "upstream_connect", upstream, true};
  static constexpr CodeInfo kConnectTimeout{504, "upstream_error", "upstream_connect_timeout", upstream,
                                            true};
  static constexpr CodeInfo kTls{502, "upstream_error", "upstream_tls", upstream, true};
  static constexpr CodeInfo kDns{502, "upstream_error", "upstream_dns", upstream, true};
  static constexpr CodeInfo kReset{502, "upstream_error", "upstream_reset", upstream, true};
  static constexpr CodeInfo kTruncated{502, "upstream_error", "upstream_truncated", upstream, true};
  static constexpr CodeInfo kTimeout{504, "upstream_error", "upstream_timeout", upstream, true};
  static constexpr CodeInfo kIdle{504, "upstream_error", "upstream_idle_timeout", upstream, true};
  static constexpr CodeInfo kProtocol{502, "upstream_error", "upstream_protocol", upstream, true};
  static constexpr CodeInfo kUpstreamLarge{502, "upstream_error", "upstream_too_large", upstream, false};
  static constexpr CodeInfo kCredential{503, "overloaded", "no_credential", gateway, true};
  switch (code) {
    case Code::internal:
      return kInternal;
    case Code::bad_request:
      return kBadRequest;
    case Code::invalid_json:
      return kInvalidJson;
    case Code::duplicate_key:
      return kDuplicateKey;
    case Code::invalid_field:
      return kInvalidField;
    case Code::unprocessable:
      return kUnprocessable;
    case Code::unauthenticated:
      return kUnauthenticated;
    case Code::forbidden:
      return kForbidden;
    case Code::not_found:
      return kNotFound;
    case Code::model_not_found:
      return kModelNotFound;
    case Code::deployment_not_found:
      return kDeployment;
    case Code::method_not_allowed:
      return kMethod;
    case Code::request_timeout:
      return kRequestTimeout;
    case Code::too_large:
      return kTooLarge;
    case Code::uri_too_long:
      return kUriTooLong;
    case Code::unsupported_media_type:
      return kMediaType;
    case Code::expectation_failed:
      return kExpectation;
    case Code::header_too_large:
      return kHeaderTooLarge;
    case Code::not_implemented:
      return kNotImplemented;
    case Code::context_length_exceeded:
      return kContext;
    case Code::client_closed:
      return kClientClosed;
    case Code::input_blocked:
      return kInputBlocked;
    case Code::output_blocked:
      return kOutputBlocked;
    case Code::escalation_required:
      return kEscalation;
    case Code::rate_limited:
      return kRateLimited;
    case Code::overloaded:
      return kOverloaded;
    case Code::draining:
      return kDraining;
    case Code::no_healthy_target:
      return kNoTarget;
    case Code::circuit_open:
      return kCircuit;
    case Code::audit_unavailable:
      return kAudit;
    case Code::policy_error:
      return kPolicy;
    case Code::upstream_connect:
      return kConnect;
    case Code::upstream_connect_timeout:
      return kConnectTimeout;
    case Code::upstream_tls:
      return kTls;
    case Code::upstream_dns:
      return kDns;
    case Code::upstream_reset:
      return kReset;
    case Code::upstream_truncated:
      return kTruncated;
    case Code::upstream_timeout:
      return kTimeout;
    case Code::upstream_idle_timeout:
      return kIdle;
    case Code::upstream_protocol:
      return kProtocol;
    case Code::upstream_too_large:
      return kUpstreamLarge;
    case Code::upstream_credential:
      return kCredential;
  }
  return kInternal;
}

}  // namespace kt

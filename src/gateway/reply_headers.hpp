#pragma once
// Which of the upstream's headers a client sees, and which are ours.

#include <string>

#include "gateway/record.hpp"
#include "kt/http/head.hpp"

namespace kt::gateway {

// Appends the upstream's header lines that are passed on: content type, request ids, rate limits, Azure's
// diagnostics. Never cookies, server names, transport security, hop-by-hop fields.
void pass_fields(const http::ResponseHead& head, bool stream, std::string& out);

// Appends the x-kt-* lines; x-request-id too when the upstream gave none.
void own_fields(const AccessRecord& record, bool need_request_id, std::string& out);

}  // namespace kt::gateway

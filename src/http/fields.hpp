#pragma once
// The header block, shared by requests and responses.

#include "kt/http/head.hpp"

namespace kt::http {

// What a scan of a part of a head says: go on, wait for bytes, or refuse.
struct Scan {
  HeadState state = HeadState::complete;
  std::size_t end = 0;  // complete: offset just behind the part
  int status = 400;
  const char* reason = nullptr;
};

constexpr Scan reject(const char* reason, int status = 400) { return {HeadState::reject, 0, status, reason}; }
constexpr Scan incomplete() { return {HeadState::incomplete}; }

// Field lines from `begin` to the empty line.
Scan scan_fields(std::string_view bytes, std::size_t begin, Fields& fields);

// 1*19 digits, at most 2^63-1.
bool parse_length(std::string_view text, std::uint64_t& value);

// Is `lower_token` an element of the comma-separated list?
bool list_has(std::string_view list, std::string_view lower_token);

}  // namespace kt::http

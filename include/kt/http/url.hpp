#pragma once
// Upstream URLs and their parts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kt::http {

struct Url {
  bool tls = true;
  std::string host;  // lower case; IPv6 without brackets
  std::uint16_t port = 443;
  std::string prefix;                           // path without trailing slash; may be empty
  [[nodiscard]] std::string authority() const;  // as the Host header wants it
};

// A provider's base_url: https, or http to a loopback host; no user information, query, fragment, control
// byte or odd spelling of an address. `why` says what is wrong.
std::optional<Url> parse_base_url(std::string_view text, std::string& why);

// One path segment with everything but unreserved characters percent-encoded; nullopt for "", "." and "..".
std::optional<std::string> encode_segment(std::string_view text);

// The inverse for one segment; nullopt when it is malformed or hides a slash, a control byte or a dot
// segment.
std::optional<std::string> decode_segment(std::string_view text);

}  // namespace kt::http

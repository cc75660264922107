#pragma once
// One stored line, as docs/audit-format.md has it: what every line begins and ends with. Reading looks at
// fixed places only; what a client could have written lies between them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kt::audit {

struct LineView {
  std::uint64_t seq = 0;
  std::string_view event_type, timestamp;
  std::string_view rest;            // the fields behind the timestamp, without prev, sig and mac
  bool sealed = false;              // has prev and mac
  std::string_view prev, sig, mac;  // hex; sig is empty when there is none
  std::string_view signed_part, maced_part;
};

// `line` is without its line feed. Null, or what is wrong with it; views point into `line`.
const char* parse_line(std::string_view line, LineView& out);

// The value of a member of a line of the log's own, whose fields no client can choose. Empty when absent;
// strings without their quotes.
std::string_view own_field(std::string_view rest, std::string_view name);
std::optional<std::uint64_t> own_number(std::string_view rest, std::string_view name);

// Of a request.* line: the request_id, which stands first behind the timestamp.
std::string_view request_id_of(const LineView& line);

inline constexpr std::string_view kSignatureDomain = "kt-audit-v1\n";
inline constexpr std::size_t kMaxLine = 256 * 1024;

}  // namespace kt::audit

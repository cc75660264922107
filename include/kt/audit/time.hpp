#pragma once
// Times as the log writes them and as people type them.

#include <optional>
#include <string_view>

#include "kt/base/clock.hpp"

namespace kt::audit {

// 2026-01-31T12:00:00[.123456]Z; at most six digits of a second.
std::optional<WallTime> parse_rfc3339(std::string_view text);

// The same, or a date (its midnight, UTC), or an age: 30s, 15m, 2h, 7d before `now`.
std::optional<WallTime> parse_moment(std::string_view text, WallTime now);

}  // namespace kt::audit

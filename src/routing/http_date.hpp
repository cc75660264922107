#pragma once
// IMF-fixdate, the only date form a sender may use (RFC 9110 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".

#include <optional>
#include <string_view>

#include "kt/base/clock.hpp"

namespace kt::routing {

std::optional<WallTime> read_http_date(std::string_view text);

}  // namespace kt::routing

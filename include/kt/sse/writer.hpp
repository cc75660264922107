#pragma once
// An event stream's event, written (WHATWG HTML 9.2.5). The parser is its counterpart.

#include <string>
#include <string_view>

namespace kt::sse {

// Appends an event of `type` (mostly empty); `data` may have several lines, which end with LF.
void append_event(std::string_view type, std::string_view data, std::string& out);

}  // namespace kt::sse

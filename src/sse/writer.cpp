#include "kt/sse/writer.hpp"

namespace kt::sse {

void append_event(std::string_view type, std::string_view data, std::string& out) {
  if (!type.empty()) out.append("event: ").append(type).append("\n");
  for (;;) {
    const std::size_t end = data.find('\n');
    out.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == data.npos) break;
    data.remove_prefix(end + 1);
  }
  out.append("\n");
}

}  // namespace kt::sse

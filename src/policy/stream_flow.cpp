#include "policy/stream_flow.hpp"

namespace kt::policy {

void append_choice(const Flow& flow, std::string_view encoded, std::string& out) {
  out.append("{\"index\":").append(std::to_string(flow.choice));
  switch (flow.place) {
    case llm::Place::text:
      out.append(",\"text\":\"").append(encoded).append("\",\"logprobs\":null");
      break;
    case llm::Place::transcript:
      out.append(",\"delta\":{\"audio\":{\"transcript\":\"").append(encoded).append("\"}}");
      break;
    case llm::Place::tool_arguments:
      out.append(",\"delta\":{\"tool_calls\":[{\"index\":").append(std::to_string(flow.tool));
      out.append(",\"function\":{\"arguments\":\"").append(encoded).append("\"}}]}");
      break;
    case llm::Place::function_arguments:
      out.append(",\"delta\":{\"function_call\":{\"arguments\":\"").append(encoded).append("\"}}");
      break;
    case llm::Place::part:
      out.append(",\"delta\":").append(flow.before).append(encoded).append(flow.after);
      break;
    case llm::Place::delta:
    case llm::Place::whole:
      out.append(",\"delta\":{\"").append(flow.name).append("\":\"").append(encoded).append("\"}");
      break;
  }
  out.append(",\"finish_reason\":null}");
}

}  // namespace kt::policy

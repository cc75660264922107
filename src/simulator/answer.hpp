#pragma once
// What the simulated resource says, as text: pure functions of options, request and seed.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "kt/simulator/simulator.hpp"
#include "simulator/directives.hpp"

namespace kt::simulator {

using Json = nlohmann::json;  // sorted keys, as Azure's answers have them

// A request the router understood.
struct Call {
  enum class Kind { chat, completions, embeddings } kind = Kind::chat;
  std::string deployment, api_version;  // api_version "v1" on the /openai/v1 surface
  Json body;
  Directives directives;
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;                 // plain
  std::vector<std::string> events;  // streamed: the data of each event
  std::size_t delayed_events = 0;   // events before the first token
};

Answer error_answer(int status, const std::string& code, const std::string& message);
Answer wrong_type();  // a field of the body is not of its type
Answer answer(const Options& options, const Call& call);

// The last user message of a chat, or the prompt.
std::string last_words(const Json& body);

}  // namespace kt::simulator

#pragma once
// A lane: one place of a request, a reply or a stream in which words can stand. A text is judged by the lane
// it stands in.

#include <cstdint>

namespace kt::llm {

// Who wrote it.
enum class Role : unsigned char {
  system,      // system and developer messages, instructions: the operator's own
  user,        // user messages, prompts, inputs, metadata
  assistant,   // earlier answers in a request; what the model says in a reply
  tool,        // results of tools and functions
  document,    // files, search results and other material handed in
  definition,  // tools, functions and schemas
};

struct Lane {
  std::uint32_t id = 0;  // the same text going on has the same id (streams); else counted up from 0
  Role role = Role::user;
};

}  // namespace kt::llm

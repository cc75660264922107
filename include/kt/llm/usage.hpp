#pragma once
// Token counts as the provider reports them.

#include <cstdint>
#include <string_view>

namespace kt::llm {

// `cached` is part of `input`, `reasoning` part of `output`.
struct Usage {
  bool present = false;
  std::uint64_t input = 0, output = 0, cached = 0, reasoning = 0;
};

// From a whole reply (chat, completions, embeddings, responses). Absent or unreadable usage: present = false.
Usage usage_of_reply(std::string_view body);

}  // namespace kt::llm

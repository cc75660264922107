#pragma once
// How many tokens a request has and may get, and who it belongs to. An estimate for limits and routing: the
// provider's `usage` wins.

#include <cstdint>
#include <optional>
#include <string_view>

#include "kt/json/scan.hpp"
#include "kt/tokens/vocabulary.hpp"

namespace kt::tokens {

struct RequestFacts {
  std::uint64_t input_tokens = 0;
  std::uint64_t largest_input = 0;  // embeddings: of the inputs, which a context window bounds one by one
  bool exact = true;                // false: images, audio, very long text, or no vocabulary
  std::optional<std::uint64_t> max_output;  // max_completion_tokens, max_tokens or max_output_tokens
  std::uint64_t choices = 1;                // n
  std::optional<json::Span> user;           // `user`, inside the quotes
  // What stays the same for all requests of one conversation: up to the end of the first user message.
  std::optional<json::Span> conversation;
};

// Text up to here is counted exactly; what is beyond is taken to be like it, and no less than a token for
// four bytes. Bounds the time that one request can take.
inline constexpr std::size_t kExactBytes = 128u << 10;

// `body` has passed scan_request(). Without a vocabulary: a token for four bytes. Never throws.
RequestFacts request_facts(std::string_view body, const Vocabulary* vocabulary);

}  // namespace kt::tokens

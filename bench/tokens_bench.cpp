// Token counting: bytes a second over ordinary text, and over one long word.
#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>
#include <string>

#include "kt/tokens/vocabulary.hpp"

namespace {

using namespace kt::tokens;

std::string prose() {
  std::ifstream file(std::string(KT_SOURCE_DIR) + "/docs/architecture.md");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void count(benchmark::State& state, Encoding encoding, const std::string& text) {
  const Vocabulary& vocabulary = Vocabulary::of(encoding);
  for (auto _ : state) benchmark::DoNotOptimize(vocabulary.count(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

}  // namespace

BENCHMARK_CAPTURE(count, o200k_prose, Encoding::o200k, prose());
BENCHMARK_CAPTURE(count, cl100k_prose, Encoding::cl100k, prose());
BENCHMARK_CAPTURE(count, o200k_one_word, Encoding::o200k, std::string(100'000, 'a'));
BENCHMARK_CAPTURE(count, o200k_one_blank, Encoding::o200k, std::string(100'000, ' '));

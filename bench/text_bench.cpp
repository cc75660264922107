// The text front end on one kilobyte of prompt.
#include <benchmark/benchmark.h>

#include "kt/text/fold.hpp"

namespace {

std::string repeated(std::string_view text, std::size_t size) {
  std::string out;
  while (out.size() < size) out += text;
  out.resize(size);
  return out;
}

void fold(benchmark::State& state, std::string_view sample) {
  const std::string text = repeated(sample, 1024);
  kt::text::Folded out;
  for (auto _ : state) {
    kt::text::fold(text, {}, out);
    benchmark::DoNotOptimize(out.text.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}

BENCHMARK_CAPTURE(fold, ascii, "Please summarise the minutes of Tuesday's meeting.\n");
BENCHMARK_CAPTURE(fold, german, "Fasse bitte die Änderungen für die nächste Sitzung zusammen. ");
BENCHMARK_CAPTURE(fold, cyrillic, "Кратко опишите итоги встречи. ");

}  // namespace

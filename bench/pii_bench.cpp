// The recognisers over prose and over a prompt with data in it: time per byte.
#include <benchmark/benchmark.h>

#include <string>

#include "kt/text/pii.hpp"

namespace {

using namespace kt::text;

const std::string& prose() {
  static const std::string text = [] {
    std::string out;
    while (out.size() < 1024)
      out +=
          "Please summarise the minutes of our last meeting, in which the team spoke about the new office "
          "and how "
          "to bring everybody there before the summer. ";
    return out.substr(0, 1024);
  }();
  return text;
}

const std::string& prompt() {
  static const std::string text =
      prose().substr(0, 900) +
      " Mail jane.doe@example.org or call +44 20 7946 0958, card 4012 8888 8888 1881, "
      "IBAN DE89 3704 0044 0532 0130 00.";
  return text;
}

void search(benchmark::State& state, const std::string& text) {
  const PiiFinder finder(~health_entities());
  for (auto _ : state) {
    std::size_t from = 0;
    for (;;) {
      const Found found = finder.next({text, from, true});
      if (!found.match) break;
      from = found.match->end;
    }
    benchmark::DoNotOptimize(from);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(text.size()));
}

void Prose1K(benchmark::State& state) { search(state, prose()); }
void Prompt1K(benchmark::State& state) { search(state, prompt()); }
BENCHMARK(Prose1K);
BENCHMARK(Prompt1K);

}  // namespace

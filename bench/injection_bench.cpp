// What judging one kilobyte of prompt costs.
#include <benchmark/benchmark.h>

#include "policy/injection_judge.hpp"

namespace {

std::string repeated(std::string_view text, std::size_t size) {
  std::string out;
  while (out.size() < size) out += text;
  out.resize(size);
  return out;
}

constexpr std::string_view kPrompt =
    "Please summarise the minutes of Tuesday's meeting for the people who could not come, list the three "
    "decisions about "
    "the new office, and draft a short reply to Anna who asked whether the budget covers the furniture.\n";

void injection(benchmark::State& state) {
  const kt::policy::InjectionJudge judge(kt::policy::injection_model(), {});
  kt::policy::JudgeScratch scratch;
  const std::string text = repeated(kPrompt, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(judge.score(text, kt::llm::Role::user, scratch, nullptr));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(injection)->Arg(128)->Arg(1024)->Arg(1 << 20);

// One megabyte of a mark that many signals begin with.
void marks(benchmark::State& state) {
  const kt::policy::InjectionJudge judge(kt::policy::injection_model(), {});
  kt::policy::JudgeScratch scratch;
  const std::string text(1 << 20, static_cast<char>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(judge.score(text, kt::llm::Role::user, scratch, nullptr));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(marks)->Arg('[')->Arg('<')->Arg('#');

void linear(benchmark::State& state) {
  kt::text::Folded folded;
  kt::text::fold(repeated(kPrompt, 1024), {}, folded);
  kt::text::LinearModel::Scratch scratch;
  for (auto _ : state) {
    benchmark::DoNotOptimize(kt::policy::injection_model().score(folded.text, scratch));
  }
}
BENCHMARK(linear);

void views(benchmark::State& state) {
  const std::string text = repeated(kPrompt, 1024);
  kt::text::Folded folded;
  kt::text::fold(text, {}, folded);
  kt::text::Views out;
  for (auto _ : state) kt::text::decoded_views(text, folded.text, {}, out);
}
BENCHMARK(views);

}  // namespace

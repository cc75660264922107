// What the chain of the page's first example costs: a 1 KB prompt, a streamed event, a megabyte of anything.
#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>

#include "kt/config/load.hpp"
#include "kt/policy/stream_review.hpp"

namespace kt {
namespace {

struct Loaded {
  Loaded() {
    std::ostringstream text;
    text << std::ifstream(KT_SOURCE_DIR "/configs/page-01-policies.yaml").rdbuf();
    config::Loaded read = config::load({{"page-01-policies.yaml", text.str()}}, [](const std::string&) {
      return std::optional<std::string>();
    });
    std::vector<config::Diagnostic> problems;
    chain = policy::build_chain(*read.config, read.files, problems);
  }
  policy::Chain chain;
};

const policy::Chain& chain() {
  static const Loaded loaded;
  return loaded.chain;
}

std::string prose(std::size_t bytes) {
  constexpr std::string_view kText =
      "Please summarise the minutes of last week's meeting for the new colleagues: who was there, which of the "
      "three options for the warehouse in the north was chosen and why, and what has to happen before the end "
      "of the quarter. Keep it short, and write it so that someone who has never seen the building understands "
      "it. Mention the budget only where a decision depends on it. ";
  std::string text;
  while (text.size() < bytes) text += kText;
  text.resize(bytes);
  return text;
}

std::string request(const std::string& content) {
  return R"({"model":"gpt-4o","messages":[{"role":"user","content":")" + content + R"("}]})";
}

void review(benchmark::State& state, const std::string& body) {
  llm::Lanes lanes;
  for (auto _ : state) {
    policy::ChainRun run(chain());
    llm::find_request_lanes(body, {}, lanes);
    std::string edited;
    benchmark::DoNotOptimize(run.review(policy::Phase::request, body, lanes, edited));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}

void prompt_of_1_kb(benchmark::State& state) { review(state, request(prose(1000))); }
BENCHMARK(prompt_of_1_kb);

void prompt_of_1_mb_prose(benchmark::State& state) { review(state, request(prose(1 << 20))); }
BENCHMARK(prompt_of_1_mb_prose)->Unit(benchmark::kMillisecond);

void prompt_of_1_mb_of(benchmark::State& state) {
  review(state, request(std::string(1 << 20, static_cast<char>(state.range(0)))));
}
BENCHMARK(prompt_of_1_mb_of)->Arg('a')->Arg('1')->Arg('@')->Arg('[')->Arg(' ')->Unit(benchmark::kMillisecond);

void streamed_event(benchmark::State& state) {
  const std::string data =
      R"({"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}},"delta":{"content":" understands. "},"finish_reason":null,"index":0,"logprobs":null}],"created":1764000000,"id":"chatcmpl-922a0851c6ca864e","model":"gpt-4o-2024-11-20","object":"chat.completion.chunk","system_fingerprint":"fp_simulator"})";
  const std::string raw = "data: " + data + "\n\n";
  policy::ChainRun run(chain());
  const auto stream = policy::StreamReview::make(run, 64 << 20);
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(stream->event(raw, "", data, out));
  }
}
BENCHMARK(streamed_event);

}  // namespace
}  // namespace kt

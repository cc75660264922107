// How the policy reads texts, for tools/train/.
//   injection_readings MODEL < texts.jsonl > readings.tsv
// Output: for each reading of each text: line, view, peak, local, whole, words, then one 0/1 per signal.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "policy/injection_judge.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto model = kt::text::LinearModel::read(bytes);
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    return 1;
  }
  const kt::policy::InjectionJudge judge(*model, {});
  kt::policy::JudgeScratch scratch;
  std::string input;
  for (unsigned line = 0; std::getline(std::cin, input); ++line) {
    judge.read(nlohmann::json::parse(input).at("text").get_ref<const std::string&>(), scratch);
    for (const auto& reading : scratch.readings) {
      const auto& linear = reading.linear;
      const std::string view(reading.view.empty() ? "-" : reading.view);
      std::printf("%u\t%s\t%.5g\t%.5g\t%.5g\t%u", line, view.c_str(), linear.peak, linear.local, linear.whole,
                  linear.words);
      for (const bool signal : reading.signals) std::printf("\t%d", signal ? 1 : 0);
      std::printf("\n");
    }
  }
  return 0;
}

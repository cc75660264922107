// `kt policy eval`: a policy measured on labelled texts, one JSON object a line.
#include <cstdio>
#include <fstream>
#include <optional>

#include "cli/command.hpp"
#include "cli/eval.hpp"
#include "kt/config/load.hpp"
#include "kt/policy/make.hpp"

namespace kt::cli {
namespace {

struct Options {
  std::vector<std::string> data, configs;
  std::string kind;
  bool json = false;
};

// The block with every default filled in, as the loader does it.
config::Loaded default_config(const std::string& kind) {
  const std::string yaml =
      "pack: {name: eval, version: 1.0.0}\n"
      "policies: {chain: [" +
      kind +
      "]}\n"
      "providers:\n"
      "  targets:\n"
      "    - {id: none, provider: azure-openai, model: none, base_url: \"https://none.invalid\"}\n";
  return config::load({{"defaults", yaml}}, [](const std::string&) { return std::nullopt; });
}

std::unique_ptr<policy::Policy> make(const Options& options) {
  const config::Loaded loaded =
      options.configs.empty() ? default_config(options.kind) : config::load_files(options.configs);
  if (!loaded.config) {
    for (const auto& each : loaded.diagnostics) std::fprintf(stderr, "%s\n", each.text().c_str());
    return nullptr;
  }
  const auto block = loaded.config->policies.find(options.kind);
  if (block == loaded.config->policies.end()) {
    std::fprintf(stderr, "%s is not in the configuration\n", options.kind.c_str());
    return nullptr;
  }
  std::vector<policy::Problem> problems;
  auto made = policy::make_policy(block->second, problems);
  for (const policy::Problem& each : problems)
    std::fprintf(stderr, "%s: %s; %s\n", each.field.c_str(), each.message.c_str(), each.suggestion.c_str());
  if (!made && problems.empty())
    std::fprintf(stderr, "%s reads no text in this version\n", options.kind.c_str());
  return made;
}

// Calls `use` with every sample. False: a file cannot be read or has another form.
template <class Use>
bool each_sample(const std::vector<std::string>& files, Use use) {
  Sample sample;
  for (const std::string& name : files) {
    std::ifstream file(name);
    if (!file) {
      std::fprintf(stderr, "cannot read %s\n", name.c_str());
      return false;
    }
    std::string line;
    for (std::size_t number = 1; std::getline(file, line); ++number) {
      if (line.empty()) continue;
      if (!read_sample(line, sample)) {
        std::fprintf(stderr, "%s:%zu: not a labelled text\n", name.c_str(), number);
        return false;
      }
      use(sample);
    }
  }
  return true;
}

template <class Table>
int measure(const Options& options, const policy::Policy& policy, bool with_operator_text) {
  Table table;
  const bool read = each_sample(options.data, [&](const Sample& sample) {
    if (!with_operator_text && sample.kind == "system") return;
    table.add(sample, run_policy(policy, sample));
  });
  if (!read) return 1;
  if (options.json) {
    std::puts(table.json().dump(2).c_str());
  } else {
    table.print();
  }
  return 0;
}

int eval(const Options& options) {
  const auto policy = make(options);
  if (!policy) return 2;
  if (options.kind == "pii-detector" || options.kind == "dlp-filter")
    return measure<SpanTable>(options, *policy, true);
  return measure<ScoreTable>(options, *policy, false);
}

}  // namespace

void add_policy_eval(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "policy", "work with policy-config.yaml")
                          .add_subcommand("eval", "measure a policy on labelled texts");
  auto options = std::make_shared<Options>();
  command->add_option("--data", options->data, "labelled texts, one JSON object a line; repeatable")
      ->required();
  command->add_option("--policy", options->kind, "the kind to measure, as in the chain")->required();
  command->add_option("--policy-config", options->configs,
                      "takes the kind's block from here; default: its defaults");
  command->add_flag("--json", options->json, "print JSON");
  command->callback([=, &exit_code] { exit_code = eval(*options); });
}

}  // namespace kt::cli

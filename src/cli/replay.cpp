// `kt replay`: which recorded decisions another configuration would alter.
#include <array>
#include <cstdio>
#include <map>

#include "cli/command.hpp"
#include "cli/record_filter.hpp"
#include "cli/replay_judge.hpp"
#include "kt/config/load.hpp"
#include "kt/policy/chain.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kExamples = 5;
constexpr const char* kLimits[] = {
    "texts are not kept: what other patterns, terms, entities or modes would find in them cannot be told",
    "a policy is judged by what it recorded: its scores, and whether it found something",
    "limits, budgets, routing and the upstream's answers are not replayed"};

struct Change {
  std::uint64_t requests = 0;
  std::vector<std::string> examples;
};

struct Replay {
  std::uint64_t requests = 0, same_configuration = 0, altered = 0, unknown = 0;
  std::map<std::array<std::string, 3>, Change> changes;  // from, to, because
  std::map<std::string, std::uint64_t> not_told;         // by policy

  void take(const Json& record, const std::optional<Judged>& judged) {
    ++requests;
    if (!judged) {
      ++same_configuration;
      return;
    }
    for (const std::string& policy : judged->unknown) ++not_told[policy];
    if (judged->because.empty()) {
      unknown += judged->unknown.empty() ? 0 : 1;
      return;
    }
    ++altered;
    Change& change = changes[{judged->before, judged->after, judged->because}];
    ++change.requests;
    if (change.examples.size() < kExamples) change.examples.push_back(record.value("request_id", ""));
  }
};

void print_json(const Replay& replay, const std::string& sha256) {
  Json changes = Json::array(), not_told = Json::array();
  for (const auto& [key, change] : replay.changes)
    changes.push_back({{"from", key[0]},
                       {"to", key[1]},
                       {"because", key[2]},
                       {"requests", change.requests},
                       {"examples", change.examples}});
  for (const auto& [policy, requests] : replay.not_told)
    not_told.push_back({{"policy", policy}, {"requests", requests}});
  const Json out{{"config_sha256", sha256},
                 {"requests", replay.requests},
                 {"same_configuration", replay.same_configuration},
                 {"altered", replay.altered},
                 {"cannot_tell", replay.unknown},
                 {"changes", changes},
                 {"policies_without_record", not_told},
                 {"limits", kLimits}};
  std::puts(out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

unsigned long long wide(std::uint64_t number) { return number; }

void print_text(const Replay& replay) {
  std::printf(
      "%llu requests: %llu altered, %llu that the records cannot tell, %llu decided under this "
      "configuration\n",
      wide(replay.requests), wide(replay.altered), wide(replay.unknown), wide(replay.same_configuration));
  for (const auto& [key, change] : replay.changes)
    std::printf("%llu  %s -> %s  (%s), such as %s\n", wide(change.requests), key[0].c_str(), key[1].c_str(),
                key[2].c_str(), change.examples.front().c_str());
  for (const auto& [policy, requests] : replay.not_told)
    std::printf("%llu  requests that %s has no sufficient record of\n", wide(requests), policy.c_str());
  for (const char* limit : kLimits) std::printf("note: %s\n", limit);
}

// Null after saying what is wrong.
std::optional<config::Config> load(const std::vector<std::string>& files, int& exit_code) {
  config::Loaded loaded = config::load_files(files);
  if (loaded.config) {
    const std::size_t before = loaded.diagnostics.size();
    policy::build_chain(*loaded.config, loaded.files, loaded.diagnostics);
    if (loaded.diagnostics.size() > before) loaded.config.reset();
  }
  exit_code = 2;
  for (const auto& each : loaded.diagnostics) {
    std::fprintf(stderr, "%s\n", each.text().c_str());
    if (each.code == "E100") exit_code = 1;
  }
  return std::move(loaded.config);
}

struct Options {
  RecordFilter filter;
  std::vector<std::string> files;
  bool json = false;

  int run() {
    int exit_code = 0;
    if (!filter.prepare()) return 2;
    const auto config = load(files, exit_code);
    if (!config) return exit_code;
    const ReplayJudge judge(*config);
    Replay replay;
    const auto status =
        audit::read_records(filter.state_dir, filter.from(), [&](const audit::ReadLine& line) {
          if (line.event_type != "request.completed") return true;
          if (const auto record = filter.match(line)) replay.take(*record, judge.judge(*record));
          return true;
        });
    if (!status) return std::fprintf(stderr, "kt: %s\n", status.error().message.c_str()), 1;
    if (json) {
      print_json(replay, config->sha256);
    } else {
      print_text(replay);
    }
    return 0;
  }
};

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("replay", "which recorded decisions another configuration would alter");
  auto options = std::make_shared<Options>();
  options->filter.add_options(*command);
  command->add_option("--policy-config", options->files, "the other configuration; several are layered")
      ->required();
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace kt::cli

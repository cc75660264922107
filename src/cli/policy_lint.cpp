// `kt policy lint`
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "kt/config/load.hpp"
#include "kt/policy/chain.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string joined(const std::vector<std::string>& items, const char* between) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : between) + item;
  return out;
}

Json as_json(const config::Diagnostic& each) {
  return {{"code", each.code},
          {"path", each.path},
          {"message", each.message},
          {"suggestion", each.suggestion},
          {"file", each.file},
          {"line", each.position.line},
          {"column", each.position.column}};
}

void print_json(const config::Loaded& loaded) {
  Json errors = Json::array(), warnings = Json::array();
  for (const auto& each : loaded.diagnostics)
    (each.severity == config::Diagnostic::Severity::error ? errors : warnings).push_back(as_json(each));
  Json out{{"valid", loaded.config.has_value()}, {"file", joined(loaded.files, ",")}};
  if (loaded.config) {
    out["pack"] = {{"name", loaded.config->pack.name}, {"version", loaded.config->pack.version}};
    out["chain"] = loaded.config->chain;
    out["policy_count"] = loaded.config->chain.size();
  } else {
    out["errors"] = errors;
  }
  out["warnings"] = warnings;
  std::puts(out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

void print_text(const config::Loaded& loaded) {
  for (const auto& each : loaded.diagnostics) std::fprintf(stderr, "%s\n", each.text().c_str());
  if (!loaded.config) return;
  std::printf("%s: ok\npack: %s %s\nchain: %s\npolicies: %zu\n", joined(loaded.files, ", ").c_str(),
              loaded.config->pack.name.c_str(), loaded.config->pack.version.c_str(),
              loaded.config->chain.empty() ? "(empty)" : joined(loaded.config->chain, " -> ").c_str(),
              loaded.config->chain.size());
}

int lint(const std::vector<std::string>& files, bool json) {
  config::Loaded loaded = config::load_files(files);
  if (loaded.config) {
    const std::size_t before = loaded.diagnostics.size();
    policy::build_chain(*loaded.config, loaded.files, loaded.diagnostics);
    if (loaded.diagnostics.size() > before) loaded.config.reset();
  }
  if (json) {
    print_json(loaded);
  } else {
    print_text(loaded);
  }
  if (loaded.config) return 0;
  for (const auto& each : loaded.diagnostics) {
    if (each.code == "E100") return 1;
  }
  return 2;
}

}  // namespace

void add_policy_lint(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "policy", "work with policy-config.yaml")
                          .add_subcommand("lint", "check configuration files");
  auto files = std::make_shared<std::vector<std::string>>();
  auto json = std::make_shared<bool>(false);
  command->add_option("--file", *files, "file to check; several are layered, - is standard input")
      ->required();
  command->add_flag("--json", *json, "print JSON");
  command->callback([=, &exit_code] { exit_code = lint(*files, *json); });
}

}  // namespace kt::cli

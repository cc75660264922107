// `kt config schema` and `kt config reference`
#include <cstdio>

#include "cli/command.hpp"
#include "kt/config/load.hpp"

namespace kt::cli {

void add_config_schema(CLI::App& app, int&) {
  CLI::App& config = group(app, "config", "the configuration's reference");
  config.add_subcommand("schema", "print the JSON Schema (draft-07)")->callback([] {
    std::fputs(config::json_schema().c_str(), stdout);
  });
  config.add_subcommand("reference", "print the reference page (Markdown)")->callback([] {
    std::fputs(config::reference_markdown().c_str(), stdout);
  });
}

}  // namespace kt::cli

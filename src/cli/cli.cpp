#include "cli/cli.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/command.hpp"

namespace kt::cli {

int run(int argc, char** argv) {
  CLI::App app{"kt: the policy-enforcing gateway in front of Azure OpenAI", "kt"};
  app.require_subcommand(1);
  int exit_code = 0;
  for (const AddCommand add : kCommands) add(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return exit_code;
}

}  // namespace kt::cli

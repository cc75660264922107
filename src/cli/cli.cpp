#include "cli/cli.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/command.hpp"
#include "cli/usage.hpp"

namespace kt::cli {
namespace {

int complain(const CLI::App& command, const std::string& fault) {
  const std::string name = full_name(command);
  std::fprintf(stderr, "%s: %s (%s --help tells more)\n", name.c_str(), fault.c_str(), name.c_str());
  return 2;
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app{"kt: the policy-enforcing gateway in front of Azure OpenAI", "kt"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "kt " KT_VERSION);
  int exit_code = 0;
  for (const AddCommand add : kCommands) add(app, exit_code);
  const Usage usage = check_usage(app, {argv + 1, argv + argc});
  if (!usage.fault.empty()) return complain(*usage.command, usage.fault);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // help or version
    return app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    return complain(*usage.command, error.what());
  }
  return exit_code;
}

}  // namespace kt::cli

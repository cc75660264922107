#include <cstdio>

#include "cli/command.hpp"

namespace kt::cli {

void add_version(CLI::App& app, int&) {
  app.add_subcommand("version", "print the version")->callback([] { std::puts("kt " KT_VERSION); });
}

}  // namespace kt::cli

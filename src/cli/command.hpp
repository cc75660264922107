#pragma once
// One file per command; commands.cpp is the table.

#include <CLI/CLI.hpp>
#include <span>

namespace kt::cli {

// Adds a command (or a group) to the app. Its callback stores the exit code of the contract into `exit_code`,
// which outlives the parse.
using AddCommand = void (*)(CLI::App& app, int& exit_code);

extern const std::span<const AddCommand> kCommands;

// The group named `name` below `app` (policy, config, gateway, ...), made on first use.
CLI::App& group(CLI::App& app, const char* name, const char* description);

}  // namespace kt::cli

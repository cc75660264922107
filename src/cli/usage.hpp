#pragma once
// What is wrong with a command line, in one line.

#include <CLI/CLI.hpp>
#include <span>
#include <string>

namespace kt::cli {

struct Usage {
  const CLI::App* command = nullptr;  // the command the words lead to
  std::string fault;                  // the first word nobody knows, or a command that is missing; empty = none
};

// Walks the words along the tree of commands. Values are not looked at.
Usage check_usage(const CLI::App& app, std::span<char* const> words);

// "kt gateway run"
std::string full_name(const CLI::App& command);

}  // namespace kt::cli

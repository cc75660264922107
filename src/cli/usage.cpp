#include "cli/usage.hpp"

#include <algorithm>

#include "kt/base/nearest.hpp"

namespace kt::cli {
namespace {

std::string meant(const std::string& word, const std::vector<std::string>& names) {
  const auto near = nearest(word, {names.begin(), names.end()});
  return near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?";
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* each : app.get_options())
    for (const std::string& name : each->get_lnames()) names.push_back("--" + name);
  return names;
}

const CLI::Option* find_option(const CLI::App& app, const std::string& name) {
  const auto options = app.get_options();
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const CLI::Option* each) { return each->check_name(name); });
  return found == options.end() ? nullptr : *found;
}

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto found = app.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

bool takes_arguments(const CLI::App& command) {
  const auto options = command.get_options();
  return std::any_of(options.begin(), options.end(),
                     [](const CLI::Option* each) { return each->get_positional(); });
}

std::string unknown_word(const CLI::App& command, const std::string& word) {
  const auto commands = commands_of(command);
  if (commands.empty()) return "unexpected argument '" + word + "'";
  const std::string near = meant(word, commands);
  return "unknown command '" + word + "'" + (near.empty() ? "; there are " + listed(commands) : near);
}

}  // namespace

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return (parent != nullptr ? full_name(*parent) + " " : "") + command.get_name();
}

Usage check_usage(const CLI::App& app, std::span<char* const> words) {
  const CLI::App* command = &app;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i];
    if (!word.starts_with('-') || word == "-") {
      const CLI::App* next = find_command(*command, word);
      if (next == nullptr && !takes_arguments(*command)) return {command, unknown_word(*command, word)};
      if (next != nullptr) command = next;
      continue;
    }
    const std::string name = word.substr(0, word.find('='));
    const CLI::Option* option = find_option(*command, name);
    if (option == nullptr) return {command, "unknown option " + name + meant(name, options_of(*command))};
    if (name == "--help" || name == "-h" || name == "--version") return {command, {}};
    if (name.size() == word.size() && option->get_items_expected_max() > 0) ++i;
  }
  const auto commands = commands_of(*command);
  return {command, commands.empty() ? std::string() : "which command? There are " + listed(commands)};
}

}  // namespace kt::cli

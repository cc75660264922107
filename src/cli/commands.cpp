#include "cli/command.hpp"

namespace kt::cli {

void add_audit_keygen(CLI::App& app, int& exit_code);
void add_audit_rotate(CLI::App& app, int& exit_code);
void add_audit_search(CLI::App& app, int& exit_code);
void add_audit_show(CLI::App& app, int& exit_code);
void add_audit_stress(CLI::App& app, int& exit_code);
void add_audit_verify(CLI::App& app, int& exit_code);
void add_events_export(CLI::App& app, int& exit_code);
void add_events_tail(CLI::App& app, int& exit_code);
void add_config_schema(CLI::App& app, int& exit_code);
void add_gateway_run(CLI::App& app, int& exit_code);
void add_gateway_status(CLI::App& app, int& exit_code);
void add_http1_probe(CLI::App& app, int& exit_code);
void add_policy_eval(CLI::App& app, int& exit_code);
void add_policy_explain(CLI::App& app, int& exit_code);
void add_policy_lint(CLI::App& app, int& exit_code);
void add_replay(CLI::App& app, int& exit_code);
void add_simulate_azure(CLI::App& app, int& exit_code);
void add_version(CLI::App& app, int& exit_code);

namespace {
constexpr AddCommand kTable[] = {
    add_gateway_run, add_gateway_status, add_policy_eval, add_policy_lint, add_policy_explain, add_config_schema,
    add_simulate_azure, add_http1_probe, add_version,
    add_audit_verify, add_audit_keygen, add_audit_rotate, add_audit_show, add_audit_search, add_events_tail, add_events_export,
    add_replay, add_audit_stress,
};
}  // namespace

const std::span<const AddCommand> kCommands{kTable};

CLI::App& group(CLI::App& app, const char* name, const char* description) {
  const auto named = [name](const CLI::App* command) { return command->get_name() == name; };
  if (const auto found = app.get_subcommands([&](CLI::App* command) { return named(command); });
      !found.empty()) {
    return *found.front();
  }
  CLI::App* made = app.add_subcommand(name, description);
  made->require_subcommand(1);
  return *made;
}

}  // namespace kt::cli

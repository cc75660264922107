// `kt gateway run`
#include <unistd.h>

#include "cli/command.hpp"
#include "cli/server.hpp"

namespace kt::cli {
namespace {

struct Options : ServerOptions {
  std::string log_level = "info", log_format;
};

int start(const Options& options) {
  static const std::map<std::string, telemetry::Level> kLevels{{"debug", telemetry::Level::debug},
                                                               {"info", telemetry::Level::info},
                                                               {"warn", telemetry::Level::warn},
                                                               {"error", telemetry::Level::error}};
  const bool pretty =
      options.log_format.empty() ? isatty(STDERR_FILENO) != 0 : options.log_format == "pretty";
  telemetry::configure_log(kLevels.at(options.log_level),
                           pretty ? telemetry::Format::pretty : telemetry::Format::json);
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    std::fprintf(stderr, "kt: --tls-cert and --tls-key go together\n");
    return 2;
  }
  return run_server(options);
}

}  // namespace

void add_gateway_run(CLI::App& app, int& exit_code) {
  CLI::App* command =
      group(app, "gateway", "the gateway daemon").add_subcommand("run", "serve until SIGTERM");
  auto options = std::make_shared<Options>();
  command->add_option("--listen", options->listen, "HOST:PORT or unix:PATH; repeatable")
      ->capture_default_str();
  command
      ->add_option("--policy-config", options->policy_config,
                   "configuration file; repeatable, later files win")
      ->required();
  command->add_option("--fail-mode", options->fail_mode, "when evaluating a policy fails")
      ->check(CLI::IsMember({"block", "allow"}))
      ->capture_default_str();
  command
      ->add_option("--max-concurrency", options->max_concurrency,
                   "upstream requests in flight; 0 = unlimited")
      ->envname("KEEPTRUSTS_GATEWAY_MAX_CONCURRENCY")
      ->capture_default_str();
  command->add_option("--upstream", options->upstream, "debugging: base URL for every target")
      ->envname("KEEPTRUSTS_UPSTREAM_URL");
  command->add_option("--upstream-api-key", options->upstream_api_key, "debugging: key for every target")
      ->envname("KEEPTRUSTS_UPSTREAM_API_KEY");
  command
      ->add_option("--upstream-api-key-header", options->upstream_api_key_header,
                   "debugging: header of that key")
      ->envname("KEEPTRUSTS_UPSTREAM_API_KEY_HEADER");
  command
      ->add_option("--upstream-api-key-prefix", options->upstream_api_key_prefix,
                   "debugging: prefix of that key")
      ->envname("KEEPTRUSTS_UPSTREAM_API_KEY_PREFIX");
  command->add_option("--workers", options->workers, "threads; 0 = one per core")->capture_default_str();
  command->add_option("--log-level", options->log_level, "debug, info, warn, error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  command->add_option("--log-format", options->log_format, "json or pretty; default: pretty on a terminal")
      ->check(CLI::IsMember({"json", "pretty"}));
  command->add_option("--state-dir", options->state_dir, "where state is kept")->capture_default_str();
  command->add_option("--secrets-dir", options->secrets_dir,
                      "where secret_key_ref.store looks; default <state-dir>/secrets");
  command->add_option("--tls-cert", options->tls_cert, "PEM certificate chain for TLS towards clients");
  command->add_option("--tls-key", options->tls_key, "PEM key");
  command->callback([options, &exit_code] { exit_code = start(*options); });
}

}  // namespace kt::cli

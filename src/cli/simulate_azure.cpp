// `kt simulate azure`
#include <csignal>
#include <cstdio>

#include "cli/command.hpp"
#include "kt/simulator/simulator.hpp"

namespace kt::cli {
namespace {

int simulate(const simulator::Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, each);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const auto running = simulator::Simulator::start(options);
  if (!running) {
    std::fprintf(stderr, "kt: %s\n", running.error().message.c_str());
    return running.error().code == Code::bad_request ? 2 : 1;
  }
  std::printf("azure simulator listening on %s\n", (*running)->url().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace

void add_simulate_azure(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "simulate", "stand-ins for providers")
                          .add_subcommand("azure", "an Azure OpenAI resource on this machine");
  auto options = std::make_shared<simulator::Options>();
  command->add_option("--listen", options->listen, "IP:PORT; port 0 takes a free one")->capture_default_str();
  command->add_option("--api-key", options->api_key, "key that is accepted")->capture_default_str();
  command->add_option("--bearer", options->bearer, "token that is accepted too");
  command->add_option("--deployment", options->deployments,
                      "deployment; repeatable, replaces the default set");
  command->add_option("--region", options->region, "x-ms-region")->capture_default_str();
  command->add_option("--seed", options->seed, "same seed, same answers")->capture_default_str();
  command->add_option("--ttft-ms", options->ttft_ms, "time to first token")->capture_default_str();
  command->add_option("--tokens-per-second", options->tokens_per_second, "pace of streams; 0 = at once")
      ->capture_default_str();
  command->add_option("--rpm", options->rpm, "requests per minute before 429; 0 = unlimited")
      ->capture_default_str();
  command->add_flag("--async-filter", options->async_filter, "asynchronous content filter");
  command->add_option("--fault", options->fault, "directives for every request, like simulate:status=503");
  command->add_flag("--tls", options->tls, "TLS with a generated certificate");
  command->add_option("--tls-cert-out", options->tls_cert_out, "where to write that certificate");
  command->callback([options, &exit_code] { exit_code = simulate(*options); });
}

}  // namespace kt::cli

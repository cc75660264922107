#pragma once
// The daemon: workers, signals, reload, drain.

#include <string>
#include <vector>

#include "kt/telemetry/log.hpp"

namespace kt::cli {

struct ServerOptions {
  std::vector<std::string> listen{"0.0.0.0:41002"};
  std::vector<std::string> policy_config;
  std::string fail_mode = "block";
  unsigned workers = 0;  // 0 = one per core
  std::uint64_t max_concurrency = 0;
  std::string state_dir = "./kt-state", secrets_dir, tls_cert, tls_key;
  std::string upstream, upstream_api_key, upstream_api_key_header, upstream_api_key_prefix;
};

// Runs until SIGTERM or SIGINT. Exit codes of the contract.
int run_server(const ServerOptions& options);

}  // namespace kt::cli

#pragma once
// From configuration files to a snapshot, at start and at every reload; opens the audit trail when the chain
// first asks for one. Main thread only.

#include <memory>
#include <string>

#include "cli/server.hpp"
#include "kt/gateway/shipper.hpp"
#include "kt/gateway/worker.hpp"

namespace kt::cli {

struct Loaded {
  std::shared_ptr<const gateway::Snapshot> snapshot;  // null: nothing changes
  int exit_code = 0;
  std::string why;  // the first thing that is wrong
};

class Loader {
 public:
  Loader(const ServerOptions& options, gateway::Shared& shared)
      : options_(options), shared_(shared), secrets_(shared.secrets_dir) {}

  // All or nothing. Everything that is wrong is printed to standard error.
  Loaded load();

  // An event of the gateway's own, if there is an audit trail.
  void note(std::string_view type, std::initializer_list<audit::EventField> fields = {});

 private:
  Loaded read();
  // Empty, or why the trail cannot be had.
  std::string open_trail(const config::Config& config, gateway::AuditTrail& trail);
  // Starts what takes the trail elsewhere, when a configuration comes into force.
  void ship(const config::Config& config);

  const ServerOptions& options_;
  gateway::Shared& shared_;
  credential::SystemSecrets secrets_;
  std::shared_ptr<audit::Log> log_;
  audit::Options log_options_;
  std::vector<gateway::Destination> destinations_;
  std::vector<std::unique_ptr<gateway::Shipper>> shippers_;  // of destinations_, in order
};

}  // namespace kt::cli

#pragma once
// A configuration compiled for serving: immutable, shared by all exchanges that started under it. Built all
// or nothing.

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kt/audit/log.hpp"
#include "kt/base/result.hpp"
#include "kt/config/config.hpp"
#include "kt/credential/secrets.hpp"
#include "kt/net/session.hpp"
#include "kt/net/upstream.hpp"
#include "kt/policy/chain.hpp"
#include "kt/provider/provider.hpp"
#include "kt/routing/consumers.hpp"
#include "kt/routing/course.hpp"
#include "kt/routing/group.hpp"
#include "kt/telemetry/metrics.hpp"

namespace kt::gateway {

inline constexpr std::size_t kEndpoints = 10;

// A target ready to be called.
struct Target {
  config::Target config;
  const provider::Provider* provider = nullptr;
  net::Origin origin;
  std::string origin_key;
  std::optional<std::string>
      model_field;  // what the upstream's `model` must say, JSON-escaped without quotes
  bool takes_include_usage = false;
  std::array<std::string, kEndpoints>
      heads;               // by endpoint: request line and fixed headers; empty = not offered
  std::size_t series = 0;  // of the metrics
  std::shared_ptr<routing::TargetState> state;
};

// What one name can be served by.
struct Model {
  const Target* first = nullptr;  // in listed order
  std::unique_ptr<routing::Group> group;
  std::unique_ptr<routing::Group> larger;  // may be null: nobody has a larger window, or nobody may be asked
  std::uint64_t smallest_window = ~std::uint64_t{0};  // tokens, of the targets that have one
};
using Models = std::map<std::string, Model, std::less<>>;

// The audit trail of a configuration whose chain has an audit-logger.
struct AuditTrail {
  std::shared_ptr<audit::Log> log;  // null: none
  bool log_all_access = true;       // false: only what was not allowed
  bool hipaa = false;
  bool strict = false;  // the upstream is called when the request's record is on the disk

  // An event of the gateway's own, if there is a trail. Any thread.
  void note(std::string_view type, std::initializer_list<audit::EventField> fields) const;
};

struct Snapshot {
  config::Config config;
  AuditTrail audit;
  policy::Chain chain;
  std::vector<std::unique_ptr<Target>> targets;  // in listed order
  std::vector<std::string> not_compliant;        // by target: why data-routing-policy excludes it, or empty
  Models models;                                 // model and group names
  Models aliases, deployments;
  std::unique_ptr<routing::CourseRules> course;
  routing::Consumers consumers;
  bool limits_callers = false;  // somebody's requests or tokens are limited, or consumers are known
  bool counts_tokens = false;  // a limit, a budget or a strategy asks how many tokens a request has
  bool sticky = false;         // a strategy asks who a request belongs to
  std::string models_body;  // GET /v1/models
  net::SessionLimits session_limits;

  // What serves a model name: exact, then alias, then gpt-3.5-turbo <-> gpt-35-turbo. Null = no such
  // model.
  [[nodiscard]] const Model* find_model(std::string_view name) const;
  // A deployment name as an Azure client writes it: azure_deployment, then model, then alias.
  [[nodiscard]] const Model* find_deployment(std::string_view name) const;
};

Result<std::shared_ptr<const Snapshot>> build_snapshot(config::Config config, policy::Chain chain,
                                                       AuditTrail audit, telemetry::Metrics& metrics,
                                                       routing::TargetStates& states,
                                                       credential::SecretSource& secrets);

// {"id":...,"object":"model",...} of one model; empty when there is none.
std::string model_body(const Snapshot& snapshot, std::string_view name);

}  // namespace kt::gateway

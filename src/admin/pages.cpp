#include "kt/admin/pages.hpp"

#include <nlohmann/json.hpp>

#include "admin/config_view.hpp"
#include "admin/target_view.hpp"
#include "kt/http/error_body.hpp"

namespace kt::admin {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kJson = "content-type: application/json\r\n";

Page json_page(const Json& body, int status = 200) {
  return {status, kJson, body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Json statistics(gateway::Worker& worker) {
  Json out = Json::object();
  for (const auto& target : worker.snapshot()->targets) {
    out[target->config.id] = report_of(worker, *target).state;
    out[target->config.id].update(statistics_of(worker, *target));
  }
  return out;
}

Page health(gateway::Worker& worker) {
  Json targets = Json::object();
  std::size_t healthy = 0, usable = 0;
  for (const auto& target : worker.snapshot()->targets) {
    TargetReport report = report_of(worker, *target);
    healthy += report.health == TargetHealth::healthy;
    usable += report.health != TargetHealth::unhealthy;
    targets[target->config.id] = std::move(report.state);
  }
  const char* status = healthy == targets.size() ? "healthy" : usable > 0 ? "degraded" : "unhealthy";
  const auto uptime =
      std::chrono::duration_cast<std::chrono::seconds>(system_clock().steady() - worker.shared().started)
          .count();
  return json_page({{"status", status},
                    {"uptime_seconds", uptime},
                    {"version", KT_VERSION},
                    {"providers", targets},
                    {"policies_loaded", worker.snapshot()->config.chain.size()},
                    {"requests_processed", worker.shared().metrics.requests_processed()}},
                   usable > 0 ? 200 : 503);
}

Page ready(gateway::Worker& worker, std::string_view query) {
  const bool draining = worker.shared().draining;
  // No request is served while the trail takes no record.
  const audit::Log* log = worker.snapshot()->audit.log.get();
  const bool refusing = log != nullptr && !log->accepting();
  Json body{{"status", draining ? "draining" : refusing ? "audit_unavailable" : "ready"}};
  if (query.find("verbose") != query.npos) {
    body["config_sha256"] = worker.snapshot()->config.sha256;
    body["warnings"] = worker.snapshot()->config.not_in_effect;
  }
  return json_page(body, draining || refusing ? 503 : 200);
}

std::string audit_metrics(gateway::Worker& worker) {
  const audit::Log* log = worker.snapshot()->audit.log.get();
  if (log == nullptr) return {};
  const audit::LogState state = log->state();
  std::string text;
  const auto add = [&](std::string_view name, std::string_view type, std::string_view help, const std::string& value) {
    text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ").append(name).append(" ");
    text.append(type).append("\n").append(name).append(" ").append(value).append("\n");
  };
  add("keeptrusts_gateway_audit_lines_total", "counter", "Lines written to the audit log.", std::to_string(state.lines));
  add("keeptrusts_gateway_audit_refused_total", "counter", "Requests refused because the audit log took no record.",
      std::to_string(state.refused));
  add("keeptrusts_gateway_audit_lag_seconds", "gauge", "Age of the oldest line that is written and not on the disk.",
      std::to_string(static_cast<double>(state.unsynced_us) / 1e6));
  add("keeptrusts_gateway_audit_queued_bytes", "gauge", "Lines that wait to be written.", std::to_string(state.queued_bytes));
  add("keeptrusts_gateway_audit_accepting", "gauge", "1 while the audit log takes records.", state.accepting ? "1" : "0");
  return text;
}

std::optional<Error> refuse(gateway::Worker& worker, const http::RequestHead& head, bool loopback) {
  const config::Gateway& gateway = worker.snapshot()->config.gateway;
  if (gateway.admin_token.kind == config::SecretRef::Kind::none) {
    if (loopback) return std::nullopt;
    return Error{
        Code::forbidden,
        "administration is open to this machine only; set gateway.admin.token_ref to open it further"};
  }
  if (!loopback && !gateway.admin_allow_remote)
    return Error{Code::forbidden, "administration from other machines is off (gateway.admin.allow_remote)"};
  const auto token = worker.secrets().read(gateway.admin_token);
  const http::Field* given = head.fields.find("authorization");
  const std::string_view bearer =
      given != nullptr && given->value.starts_with("Bearer ") ? given->value.substr(7) : std::string_view();
  if (!token || !token->equals(bearer))
    return Error{Code::unauthenticated, "administration needs the admin token as Bearer"};
  return std::nullopt;
}

Page admin_only(gateway::Worker& worker, const http::RequestHead& head, std::string_view path,
                bool loopback) {
  if (const auto error = refuse(worker, head, loopback))
    return {info(error->code).status, kJson, http::error_body(*error)};
  if (path == "/keeptrusts/config") return json_page(config_view(worker.snapshot()->config));
  if (path == "/keeptrusts/config/reload") return {.reload = true};
  return json_page({{"providers", statistics(worker)}});
}

}  // namespace

Page show(gateway::Worker& worker, const http::RequestHead& head, std::string_view path, bool loopback) {
  if (path == "/healthz") return json_page({{"status", "ok"}});
  if (path == "/health") return health(worker);
  if (path == "/readyz") return ready(worker, head.query);
  if (path == "/metrics")
    return {200, "content-type: text/plain; version=0.0.4; charset=utf-8\r\n",
            worker.shared().metrics.render() + target_metrics(worker) + audit_metrics(worker)};
  return admin_only(worker, head, path, loopback);
}

void run_reload(gateway::Worker& worker, std::function<void(std::string)> done) {
  worker.shared().request_reload([&worker, done = std::move(done)](std::string why) {
    worker.loop().post([done, why = std::move(why)] { done(why); });
  });
}

Page reload_result(const std::string& why) {
  if (why.empty()) return json_page({{"status", "reloaded"}});
  const Error error{Code::unprocessable, "the configuration was not changed: " + why};
  return {info(error.code).status, kJson, http::error_body(error)};
}

}  // namespace kt::admin

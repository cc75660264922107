#include "gateway/credentials.hpp"

#include <functional>

#include "kt/telemetry/log.hpp"

namespace kt::gateway {

std::uint64_t fingerprint(const Secret& secret) {
  return std::hash<std::string_view>()(secret.reveal()) | 1;
}

bool credential_changed(Exchange& exchange, const Target& target) {
  const auto secret = exchange.worker.secrets().read(target.config.secret);
  return secret && fingerprint(*secret) != exchange.trial.key;
}

void note_refused_credential(Exchange& exchange, const Target& target) {
  target.state->refused_key.store(exchange.trial.key, std::memory_order_relaxed);
  exchange.worker.shared().credential_refused.store(true, std::memory_order_relaxed);
  telemetry::log(telemetry::Level::warn, "credential_refused",
                 {{"target", std::string_view(target.config.id)},
                  {"status", static_cast<std::int64_t>(exchange.trial.status)}});
}

void renew_credentials(Exchange& exchange, const Model& model) {
  for (const routing::Candidate& each : model.group->candidates) {
    const std::uint64_t refused = each.state->refused_key.load(std::memory_order_relaxed);
    if (refused == 0) continue;
    const Target& target = *exchange.snapshot->targets[each.target];
    const auto secret = exchange.worker.secrets().read(target.config.secret);
    if (!secret || fingerprint(*secret) == refused) continue;
    each.state->refused_key.store(0, std::memory_order_relaxed);
    each.state->circuit.reset();
    telemetry::log(telemetry::Level::info, "credential_renewed", {{"target", std::string_view(target.config.id)}});
  }
}

}  // namespace kt::gateway

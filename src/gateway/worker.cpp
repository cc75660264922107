#include "kt/gateway/worker.hpp"

#include "gateway/audit_ticket.hpp"
#include "gateway/durations.hpp"
#include "gateway/front_desk.hpp"
#include "gateway/mirror.hpp"
#include "gateway/prober.hpp"

namespace kt::gateway {
namespace {

net::Resolver::Limits resolver_limits(const config::Gateway& gateway) {
  return {duration(gateway.dns_ttl), duration(gateway.dns_timeout), std::chrono::minutes(5)};
}

net::Pool::Limits pool_limits(const config::Gateway& gateway) {
  return {duration(gateway.upstream_idle), 256};
}

}  // namespace

Worker::Worker(Shared& shared, std::shared_ptr<const Snapshot> snapshot)
    : shared_(shared),
      snapshot_(std::move(snapshot)),
      resolver_(loop_, shared.lookups, resolver_limits(snapshot_->config.gateway)),
      pool_(loop_, resolver_, pool_limits(snapshot_->config.gateway)),
      shard_(shared.metrics.add_shard()),
      secrets_(shared.secrets_dir),
      audit_inbox_(
          [](void* context) {
            auto& worker = *static_cast<Worker*>(context);
            worker.loop_.post([&worker] { AuditTicket::settle(worker.audit_inbox_); });
          },
          this),
      sessions_(loop_),
      handler_(make_front_desk(*this)),
      mirror_(std::make_unique<Mirror>(loop_, resolver_)) {}

Worker::~Worker() = default;

void Worker::install(std::shared_ptr<const Snapshot> snapshot) {
  snapshot_ = std::move(snapshot);
  resolver_.set_limits(resolver_limits(snapshot_->config.gateway));
  pool_.set_limits(pool_limits(snapshot_->config.gateway));
  if (prober_) prober_->install(snapshot_);
}

void Worker::watch_targets() {
  prober_ = std::make_unique<Prober>(loop_, resolver_);
  prober_->install(snapshot_);
}

void Worker::listen(net::Bound bound, std::shared_ptr<const net::TlsServer> tls) {
  listeners_.push_back(std::make_unique<net::Listener>(
      loop_, std::move(bound), std::move(tls),
      [](void* context, std::unique_ptr<net::Stream> stream) {
        auto& worker = *static_cast<Worker*>(context);
        worker.sessions_.add(std::move(stream), *worker.handler_);
      },
      this));
}

void Worker::drain(std::function<void()> done) {
  for (auto& listener : listeners_) listener->close();
  if (prober_) prober_->stop();
  sessions_.drain([this, done = std::move(done)] {
    mirror_->stop();
    done();
  });
  pool_.close_idle();
}

}  // namespace kt::gateway

#include "gateway/prober.hpp"

#include <algorithm>

#include "kt/base/clock.hpp"
#include "kt/http/url.hpp"
#include "kt/http/writer.hpp"
#include "kt/net/response_reader.hpp"
#include "kt/routing/hedge.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::gateway {
namespace {

std::string request_of(const Target& target, const std::string& path) {
  std::string head;
  http::HeadWriter writer(head);
  writer.request("GET", path);
  std::string why;
  if (const auto url = http::parse_base_url(target.config.base_url, why)) writer.own_field("host", url->authority());
  writer.own_field("accept", "*/*");
  writer.own_field("user-agent", "kt/" KT_VERSION);
  writer.own_field("connection", "close");
  return head + "\r\n";
}

void tell(const Target& target, bool healthy) {
  telemetry::log(healthy ? telemetry::Level::info : telemetry::Level::warn,
                 healthy ? "target_healthy" : "target_unhealthy",
                 {{"target", std::string_view(target.config.id)}});
}

}  // namespace

struct Prober::Round {
  std::shared_ptr<const Snapshot> snapshot;
  std::vector<Watched> watched;
};

Prober::Timer::Timer(Prober& owner, net::Loop& loop)
    : Deadline(loop, [](Deadline& self) { static_cast<Timer&>(self).prober.run_due(); }), prober(owner) {}

Prober::Prober(net::Loop& loop, net::Resolver& resolver)
    : loop_(loop), pool_(loop, resolver, net::Pool::Limits{}), timer_(*this, loop) {}

void Prober::install(std::shared_ptr<const Snapshot> snapshot) {
  auto round = std::make_shared<Round>();
  for (const auto& target : snapshot->targets) {
    const auto& own = target->config.health_probe;
    const auto& probe = own ? own : snapshot->config.health_monitor;
    if (!probe || !probe->enabled) continue;
    const auto spread = std::chrono::duration<double>(probe->interval.count() * random_.uniform());
    round->watched.push_back({target.get(), *probe, net::Clock::now() + std::chrono::duration_cast<net::Clock::duration>(spread)});
  }
  round->snapshot = std::move(snapshot);
  round_ = std::move(round);
  set_timer();
}

void Prober::stop() {
  round_.reset();
  timer_.clear();
  for (net::CancelToken* each : running_) each->cancel();
}

void Prober::set_timer() {
  net::Time next = net::kNever;
  for (const Watched& each : round_->watched) next = std::min(next, each.running ? net::kNever : each.due);
  timer_.set(next);
}

void Prober::run_due() {
  for (std::size_t i = 0; i < round_->watched.size(); ++i) {
    Watched& each = round_->watched[i];
    if (each.running || each.due > net::Clock::now()) continue;
    each.running = true;
    net::Task<void> task = probe(round_, i);
    net::spawn(std::move(task), [](void*, std::exception_ptr) {}, nullptr);
  }
  set_timer();
}

net::Task<void> Prober::probe(std::shared_ptr<Round> round, std::size_t index) {
  Watched& watched = round->watched[index];
  net::CancelToken cancel;
  running_.push_back(&cancel);
  const bool good = co_await answers(*watched.target, watched.probe, cancel);
  std::erase(running_, &cancel);
  watched.running = false;
  watched.due = net::Clock::now() + std::chrono::milliseconds(routing::probe_delay(watched.probe, random_));
  if (cancel.cancelled()) co_return;
  routing::TargetState& state = *watched.target->state;
  const bool before = state.probe.healthy();
  good ? state.probe.good(watched.probe) : state.probe.bad(watched.probe);
  // A target that is there says nothing about a credential that does not work.
  if (good && state.refused_key.load(std::memory_order_relaxed) == 0)
    state.circuit.allow_trial(routing::millis(system_clock().steady()));
  if (before != state.probe.healthy()) tell(*watched.target, !before);
  if (round == round_) set_timer();
}

net::Task<bool> Prober::answers(const Target& target, const config::HealthProbe& probe, net::CancelToken& cancel) {
  const net::Time deadline = net::Clock::now() + std::chrono::duration_cast<net::Clock::duration>(probe.timeout);
  auto lease = co_await pool_.take(target.origin, deadline, cancel);
  if (!lease) co_return false;
  cancel.attach(&lease->connection->stream());
  bool good = true;
  if (!probe.path.empty()) {
    const std::string request = request_of(target, probe.path);
    const net::Pieces pieces(request);
    // A failed write is told by the read.
    [[maybe_unused]] const std::error_code written = co_await lease->connection->send(pieces);
    net::ResponseReader reader(*lease->connection);
    const Status headed = co_await reader.read_head(deadline);
    good = headed && reader.head().status < 500;
  }
  cancel.attach(nullptr);
  pool_.drop(std::move(lease->connection));
  co_return good;
}

}  // namespace kt::gateway

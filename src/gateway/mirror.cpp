#include "gateway/mirror.hpp"

#include "kt/base/clock.hpp"
#include "kt/net/response_reader.hpp"
#include "kt/routing/attempt.hpp"

namespace kt::gateway {

Mirror::Mirror(net::Loop& loop, net::Resolver& resolver) : pool_(loop, resolver, net::Pool::Limits{}) {}

void Mirror::send(Copy copy) {
  net::Task<void> task = run(std::move(copy));
  net::spawn(std::move(task), [](void*, std::exception_ptr) {}, nullptr);
}

void Mirror::stop() {
  for (net::CancelToken* each : running_) each->cancel();
  pool_.close_idle();
}

net::Task<void> Mirror::run(Copy copy) {
  routing::Attempt book(copy.choice, copy.ask, system_clock().steady());
  net::CancelToken cancel;
  running_.push_back(&cancel);
  const net::Time deadline = net::Clock::now() + copy.snapshot->config.routing.mirror_timeout;
  const routing::Outcome outcome = co_await ask(copy, deadline, cancel);
  std::erase(running_, &cancel);
  if (!cancel.cancelled()) book.finish(outcome, {}, system_clock().steady());
}

net::Task<routing::Outcome> Mirror::ask(const Copy& copy, net::Time deadline, net::CancelToken& cancel) {
  const Target& target = *copy.snapshot->targets[copy.choice.candidate->target];
  auto lease = co_await pool_.take(target.origin, deadline, cancel);
  if (!lease) co_return routing::Outcome::failed(lease.error().code);
  cancel.attach(&lease->connection->stream());
  const net::Pieces pieces(copy.bytes);
  // A failed write is told by the read.
  [[maybe_unused]] const std::error_code written = co_await lease->connection->send(pieces);
  net::ResponseReader reader(*lease->connection);
  Status status = co_await reader.read_head(deadline);
  const int code = status ? reader.head().status : 0;
  std::string body;
  if (status) status = co_await reader.read_body(body, copy.snapshot->config.size_limits.max_response_bytes, deadline);
  cancel.attach(nullptr);
  if (status && reader.reusable() && !cancel.cancelled()) {
    pool_.put(target.origin, std::move(lease->connection));
  } else {
    pool_.drop(std::move(lease->connection));
  }
  if (status) co_return routing::Outcome::answered(code);
  if (code == 0) co_return routing::Outcome::failed(status.error().code);
  co_return routing::Outcome::broke(code, status.error().code);
}

}  // namespace kt::gateway

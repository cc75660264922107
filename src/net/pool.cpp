#include <algorithm>

#include "kt/net/upstream.hpp"
#include "net/dial.hpp"

namespace kt::net {

std::string Origin::key() const { return (tls ? "s" : "p") + host + ":" + std::to_string(port); }

// A connection nobody uses. Its armed read notices when the upstream closes it; the deadline when it has been
// idle too long.
struct Pool::Idle {
  Idle(Loop& loop, std::vector<std::unique_ptr<Idle>>& list, std::unique_ptr<Connection> taken, Impl& owner)
      : connection(std::move(taken)), home(list), impl(owner), expiry(loop, *this) {}
  struct Expiry : Deadline {
    Expiry(Loop& loop, Idle& idle)
        : Deadline(loop, [](Deadline& self) { static_cast<Expiry&>(self).owner.leave(); }), owner(idle) {}
    Idle& owner;
  };
  void leave();
  std::unique_ptr<Connection> connection;
  std::vector<std::unique_ptr<Idle>>& home;
  Impl& impl;
  Expiry expiry;
};

struct Pool::Impl {
  struct Bucket {
    std::vector<std::unique_ptr<Idle>> idle;
    TlsSession session;
  };

  Impl(Loop& owner, Resolver& names, Limits bounds) : loop(owner), resolver(names), limits(bounds) {}

  static Task<void> finish(std::unique_ptr<Connection> connection) { co_await connection->finish(); }
  static void drop(std::unique_ptr<Connection> connection) {
    connection->unwatch();
    Task<void> ending = finish(std::move(connection));
    spawn(std::move(ending), [](void*, std::exception_ptr) {}, nullptr);
  }

  Loop& loop;
  Resolver& resolver;
  Limits limits;
  std::unordered_map<std::string, Bucket> buckets;  // by Origin::key(); references stay valid
};

void Pool::Idle::leave() {
  const auto self =
      std::find_if(home.begin(), home.end(), [this](const auto& each) { return each.get() == this; });
  const std::unique_ptr<Idle> gone = std::move(*self);
  home.erase(self);
  Impl::drop(std::move(gone->connection));
}

Pool::Pool(Loop& loop, Resolver& resolver, Limits limits)
    : impl_(std::make_shared<Impl>(loop, resolver, limits)) {}
Pool::~Pool() { close_idle(); }
void Pool::set_limits(Limits limits) { impl_->limits = limits; }

Task<Result<Pool::Lease>> Pool::take(const Origin& origin, Time deadline, CancelToken& token) {
  Impl::Bucket& bucket = impl_->buckets[origin.key()];
  while (!bucket.idle.empty()) {
    const std::unique_ptr<Idle> last = std::move(bucket.idle.back());
    bucket.idle.pop_back();
    last->connection->unwatch();
    if (!last->connection->ended() && last->connection->bytes().empty())
      co_return Lease{std::move(last->connection), true};
    Impl::drop(std::move(last->connection));
  }
  auto addresses = co_await impl_->resolver.resolve(origin.host, origin.port, token.cancelled());
  if (!addresses) co_return addresses.error();
  auto stream = co_await dial(impl_->loop, origin, std::move(*addresses), deadline, bucket.session, token);
  if (!stream) co_return stream.error();
  co_return Lease{std::make_unique<Connection>(impl_->loop, std::move(*stream)), false};
}

void Pool::put(const Origin& origin, std::unique_ptr<Connection> connection) {
  Impl::Bucket& bucket = impl_->buckets[origin.key()];
  if (connection->ended() || !connection->bytes().empty() ||
      bucket.idle.size() >= impl_->limits.max_idle_per_origin) {
    Impl::drop(std::move(connection));
    return;
  }
  if (!connection->armed()) {
    connection->shrink();
    connection->reserve(1024);
  }
  auto idle = std::make_unique<Idle>(impl_->loop, bucket.idle, std::move(connection), *impl_);
  Idle& kept = *idle;
  bucket.idle.push_back(std::move(idle));
  kept.expiry.set(Clock::now() + impl_->limits.idle);
  kept.connection->watch([](void* context) { static_cast<Idle*>(context)->leave(); }, &kept);
}

void Pool::drop(std::unique_ptr<Connection> connection) { Impl::drop(std::move(connection)); }

std::size_t Pool::idle() const {
  std::size_t count = 0;
  for (const auto& [key, bucket] : impl_->buckets) count += bucket.idle.size();
  return count;
}

void Pool::close_idle() {
  for (auto& [key, bucket] : impl_->buckets) {
    while (!bucket.idle.empty()) bucket.idle.back()->leave();
  }
}

}  // namespace kt::net

#include "kt/net/resolver.hpp"

#include <unordered_map>

namespace kt::net {

struct Resolver::Entry {
  std::vector<Address> addresses;
  Time learned = Time::min();
  bool asking = false;
  std::optional<Error> failure;  // of the last lookup
};

// Outlives the resolver while a lookup of its loop is on the way.
struct Resolver::Impl : std::enable_shared_from_this<Resolver::Impl> {
  Impl(Loop& owner, LookupThreads& lookup, Limits bounds) : loop(owner), threads(lookup), limits(bounds) {}

  void ask(const std::string& key, const std::string& host, std::uint16_t port) {
    entries[key].asking = true;
    threads.submit(host, port, [self = shared_from_this(), key](Result<std::vector<Address>> answer) {
      self->loop.post([self, key, answer = std::move(answer)]() mutable {
        self->learn(self->entries[key], std::move(answer));
      });
    });
  }

  void learn(Entry& entry, Result<std::vector<Address>> answer) {
    entry.asking = false;
    entry.failure.reset();
    if (answer && !answer->empty()) {
      entry.addresses = std::move(*answer);
      entry.learned = Clock::now();
      return;
    }
    entry.failure =
        answer ? Error{Code::upstream_dns, "the name of the upstream has no address"} : answer.error();
    if (Clock::now() - entry.learned > limits.stale) entry.addresses.clear();
  }

  Loop& loop;
  LookupThreads& threads;
  Limits limits;
  std::unordered_map<std::string, Entry> entries;
};

Resolver::Resolver(Loop& loop, LookupThreads& threads, Limits limits)
    : impl_(std::make_shared<Impl>(loop, threads, limits)) {}
Resolver::~Resolver() = default;
void Resolver::set_limits(Limits limits) { impl_->limits = limits; }

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, std::uint16_t port,
                                                     const bool& cancelled) {
  if (auto literal = literal_address(host, port)) co_return std::vector<Address>{*literal};
  const std::shared_ptr<Impl> impl = impl_;
  const std::string key = host + ":" + std::to_string(port);
  const Time deadline = Clock::now() + impl->limits.timeout;
  Entry& entry = impl->entries[key];  // unordered_map keeps references valid
  if (!entry.asking && (entry.addresses.empty() || Clock::now() - entry.learned >= impl->limits.ttl))
    impl->ask(key, host, port);
  while (entry.addresses.empty() && entry.asking) {
    if (cancelled) co_return Error{Code::client_closed, "the client is gone"};
    if (Clock::now() >= deadline)
      co_return Error{Code::upstream_dns, "resolving the name of the upstream took too long"};
    Sleep tick(impl->loop, Clock::now() + std::chrono::milliseconds(5));
    co_await tick;
  }
  if (!entry.addresses.empty()) co_return entry.addresses;
  co_return entry.failure.value_or(
      Error{Code::upstream_dns, "the name of the upstream could not be resolved"});
}

}  // namespace kt::net

#pragma once
// Names to addresses. getaddrinfo blocks, so it runs on threads of its own; each worker keeps what it learned
// for the TTL and goes on with the last good answer for five minutes when a lookup fails.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kt/net/address.hpp"
#include "kt/net/loop.hpp"
#include "kt/net/task.hpp"

namespace kt::net {

// Shared by all workers; thread-safe. Threads start with the first lookup.
class LookupThreads {
 public:
  using Lookup = std::function<Result<std::vector<Address>>(const std::string& host, std::uint16_t port)>;

  explicit LookupThreads(Lookup lookup = system_lookup);
  ~LookupThreads();  // a lookup that still runs is not waited for; its answer goes nowhere
  void submit(std::string host, std::uint16_t port, std::function<void(Result<std::vector<Address>>)> done);

  static Result<std::vector<Address>> system_lookup(const std::string& host, std::uint16_t port);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// One per worker.
class Resolver {
 public:
  struct Limits {
    Clock::duration ttl = std::chrono::seconds(60), timeout = std::chrono::seconds(5),
                    stale = std::chrono::minutes(5);
  };

  Resolver(Loop& loop, LookupThreads& threads, Limits limits);
  ~Resolver();
  void set_limits(Limits limits);

  // Literals and fresh names answer at once. Otherwise waits until the answer, the timeout or *cancelled.
  Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, const bool& cancelled);

 private:
  struct Entry;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace kt::net

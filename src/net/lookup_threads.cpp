#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

#include "kt/net/resolver.hpp"

namespace kt::net {
namespace {

constexpr std::size_t kThreads = 2;  // so that one name whose server does not answer delays no other

}  // namespace

// Outlives its owner while a lookup runs: nobody can interrupt getaddrinfo().
struct LookupThreads::Impl {
  struct Job {
    std::string host;
    std::uint16_t port;
    std::function<void(Result<std::vector<Address>>)> done;
  };

  explicit Impl(Lookup function) : lookup(std::move(function)) {}

  void work() {
    for (;;) {
      Job job;
      {
        std::unique_lock lock(mutex);
        ready.wait(lock, [this] { return stopping || !jobs.empty(); });
        if (stopping) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      Result<std::vector<Address>> answer = lookup(job.host, job.port);
      const std::scoped_lock lock(mutex);  // so that nobody is told after the owner's end
      if (stopping) return;
      job.done(std::move(answer));
    }
  }

  const Lookup lookup;
  std::mutex mutex;
  std::condition_variable ready;
  std::deque<Job> jobs;      // guarded by mutex
  std::size_t threads = 0;   // guarded by mutex
  bool stopping = false;     // guarded by mutex
};

LookupThreads::LookupThreads(Lookup lookup) : impl_(std::make_shared<Impl>(std::move(lookup))) {}

LookupThreads::~LookupThreads() {
  const std::scoped_lock lock(impl_->mutex);
  impl_->stopping = true;
  impl_->ready.notify_all();
}

void LookupThreads::submit(std::string host, std::uint16_t port,
                           std::function<void(Result<std::vector<Address>>)> done) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->jobs.push_back({std::move(host), port, std::move(done)});
  if (impl_->threads < kThreads) {
    ++impl_->threads;
    std::thread([impl = impl_] { impl->work(); }).detach();
  }
  impl_->ready.notify_one();
}

Result<std::vector<Address>> LookupThreads::system_lookup(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (failed != 0)
    return Error{Code::upstream_dns, "the name of the upstream could not be resolved",
                 host + ": " + gai_strerror(failed)};
  std::vector<Address> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    Address address;
    std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
    address.size = each->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(list);
  return addresses;
}

}  // namespace kt::net

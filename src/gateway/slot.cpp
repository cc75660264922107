#include "gateway/slot.hpp"

#include <algorithm>

namespace kt::gateway {
namespace {

constexpr std::chrono::milliseconds kLongest{250};  // a client that retries waits longer than that
constexpr std::chrono::milliseconds kLook{10};      // another worker's place is seen within this

}  // namespace

bool Slot::take() {
  if (shared_.max_concurrency == 0) return true;
  std::uint64_t taken = shared_.upstream_in_flight.load();
  do {
    if (taken >= shared_.max_concurrency) return false;
  } while (!shared_.upstream_in_flight.compare_exchange_weak(taken, taken + 1));
  counted_ = true;
  return true;
}

net::Task<bool> wait_for_slot(Exchange& exchange, Slot& slot) {
  Shared& shared = exchange.worker.shared();
  std::deque<const void*>& queue = exchange.worker.queue();
  if (queue.empty() && slot.take()) co_return true;
  bool got = false;
  if (shared.waiting.fetch_add(1) < shared.max_concurrency) {
    queue.push_back(&exchange);
    const net::Time until = net::Clock::now() + kLongest;
    while (!got && net::Clock::now() < until && !exchange.cancel.cancelled()) {
      net::Sleep pause(exchange.worker.loop(), net::Clock::now() + kLook);
      co_await pause;
      got = queue.front() == &exchange && slot.take();
    }
    std::erase(queue, &exchange);
  }
  shared.waiting.fetch_sub(1);
  co_return got;
}

}  // namespace kt::gateway

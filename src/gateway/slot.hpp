#pragma once
// --max-concurrency: so many upstream requests at a time, over all workers. When all places are taken a request
// waits a little, first come first served on its worker, and as many wait as there are places at most.

#include "gateway/exchange.hpp"

namespace kt::gateway {

// A place of one request, given back when it goes. Without the flag nothing is counted.
class Slot {
 public:
  explicit Slot(Shared& shared) : shared_(shared) {}
  ~Slot() {
    if (counted_) shared_.upstream_in_flight.fetch_sub(1);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  [[nodiscard]] bool take();  // at once, or not

 private:
  Shared& shared_;
  bool counted_ = false;
};

// False: no place came free in time, or the client is gone.
net::Task<bool> wait_for_slot(Exchange& exchange, Slot& slot);

}  // namespace kt::gateway

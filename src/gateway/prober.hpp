#pragma once
// Health probes: one worker asks the targets that have a `health_probe` whether they are there. Without a path
// a connection is opened and closed (TCP and TLS), with one it is a GET without a credential: neither costs a
// token. An answer below 500 is good.

#include <memory>
#include <vector>

#include "kt/base/random.hpp"
#include "kt/gateway/snapshot.hpp"
#include "kt/net/loop.hpp"
#include "kt/net/upstream.hpp"

namespace kt::gateway {

// For its loop's thread alone.
class Prober {
 public:
  Prober(net::Loop& loop, net::Resolver& resolver);

  // Probes the targets of this configuration from now on, the first ones spread over their interval.
  void install(std::shared_ptr<const Snapshot> snapshot);
  // No further probe; those that wait for an answer end.
  void stop();

 private:
  struct Watched {
    const Target* target = nullptr;
    config::HealthProbe probe;
    net::Time due;
    bool running = false;
  };
  struct Round;  // the targets of one configuration
  struct Timer : net::Deadline {
    Timer(Prober& owner, net::Loop& loop);
    Prober& prober;
  };

  void run_due();
  void set_timer();
  net::Task<void> probe(std::shared_ptr<Round> round, std::size_t index);
  net::Task<bool> answers(const Target& target, const config::HealthProbe& probe, net::CancelToken& cancel);

  net::Loop& loop_;
  net::Pool pool_;  // never keeps a connection: an old one proves nothing
  Random random_ = Random::from_system();
  std::shared_ptr<Round> round_;
  std::vector<net::CancelToken*> running_;
  Timer timer_;
};

}  // namespace kt::gateway

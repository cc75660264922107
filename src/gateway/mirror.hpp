#pragma once
// Strategy `mirror`: a copy of an answered request goes to another target, whose answer is measured and thrown
// away. The client never waits for it and never sees it.

#include <memory>
#include <string>
#include <vector>

#include "kt/gateway/snapshot.hpp"
#include "kt/net/loop.hpp"
#include "kt/net/upstream.hpp"
#include "kt/routing/plan.hpp"

namespace kt::gateway {

// A whole request, ready to be written.
struct Copy {
  std::shared_ptr<const Snapshot> snapshot;  // keeps the candidate and the group
  routing::Choice choice;
  routing::Ask ask;
  std::string bytes;
};

// For its loop's thread alone.
class Mirror {
 public:
  static constexpr std::size_t kMost = 64;  // copies under way; more are not sent

  Mirror(net::Loop& loop, net::Resolver& resolver);
  [[nodiscard]] bool has_room() const { return running_.size() < kMost; }
  void send(Copy copy);
  void stop();  // ends those that are under way

 private:
  net::Task<void> run(Copy copy);
  net::Task<routing::Outcome> ask(const Copy& copy, net::Time deadline, net::CancelToken& cancel);

  net::Pool pool_;
  std::vector<net::CancelToken*> running_;
};

}  // namespace kt::gateway

#include "kt/routing/target_state.hpp"

namespace kt::routing {

void ProbeState::good(const config::HealthProbe& probe) {
  bad_.store(0, std::memory_order_relaxed);
  if (good_.fetch_add(1, std::memory_order_relaxed) + 1 >= probe.healthy_threshold)
    healthy_.store(true, std::memory_order_relaxed);
}

void ProbeState::bad(const config::HealthProbe& probe) {
  good_.store(0, std::memory_order_relaxed);
  if (bad_.fetch_add(1, std::memory_order_relaxed) + 1 >= probe.unhealthy_threshold)
    healthy_.store(false, std::memory_order_relaxed);
}

void TargetState::cool_down(Millis until) {
  Millis known = cool_until.load(std::memory_order_relaxed);
  while (known < until && !cool_until.compare_exchange_weak(known, until, std::memory_order_relaxed)) {
  }
}

std::shared_ptr<TargetState> TargetStates::of(const std::string& id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(states_, [&](const auto& each) { return each.first != id && each.second.expired(); });
  std::weak_ptr<TargetState>& known = states_[id];
  if (auto state = known.lock()) return state;
  auto state = std::make_shared<TargetState>();
  known = state;
  return state;
}

}  // namespace kt::routing

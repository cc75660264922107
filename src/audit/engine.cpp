#include "audit/engine.hpp"

#include <algorithm>

namespace kt::audit {
namespace {

constexpr std::size_t kWriteEntries = 256, kWriteBytes = 256 * 1024;

}  // namespace

Engine::Engine(const Options& options, Fd claim, Chain chain, Store store)
    : options_(options),
      claim_(std::move(claim)),
      chain_(std::move(chain)),
      store_(std::move(store)),
      first_seq_(chain_.point().seq),
      checkpointed_(now()),
      last_line_(now()),
      epoch_began_(now()),
      segment_began_(now()),
      retention_due_(now() + std::chrono::minutes(1)),
      wall_minus_steady_(options_.clock->wall().time_since_epoch() -
                         std::chrono::duration_cast<std::chrono::microseconds>(now().time_since_epoch())) {}

void Engine::append(std::vector<Entry>& batch) {
  for (Entry& entry : batch) {
    if (!accepting_ && refuse(entry)) continue;
    pending_.push_back(std::move(entry));
  }
  batch.clear();
  flush();
}

void Engine::flush() {
  while (store_.is_open() && !pending_.empty()) {
    if (!write_some()) return;
    const bool due = options_.mode == Mode::strict || unsynced_lines_ >= options_.sync_lines ||
                     now() - unsynced_since_ >= options_.sync_age;
    if (due) sync();
    if (store_.is_open()) rotate_if_due(false);
  }
}

bool Engine::write_some() {
  std::string lines;
  std::size_t count = 0;
  for (; count < pending_.size() && count < kWriteEntries && lines.size() < kWriteBytes; ++count)
    seal_entry(pending_[count], lines);
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(count);
  unsynced_.insert(unsynced_.end(), std::move_iterator(pending_.begin()), std::move_iterator(end));
  pending_.erase(pending_.begin(), end);
  if (auto status = store_.append(lines); !status) {
    fail(status.error());
    return false;
  }
  last_line_ = now();
  if (unsynced_lines_ == 0) unsynced_since_ = last_line_;
  unsynced_lines_ += count;
  lines_since_checkpoint_ += count;
  ended_ = false;
  if (options_.mode == Mode::strict) return true;
  for (auto entry = unsynced_.end() - static_cast<std::ptrdiff_t>(count); entry != unsynced_.end(); ++entry) {
    if (entry->waiter == nullptr) continue;
    entry->waiter->stored = true;
    entry->waiter->inbox->deliver(*std::exchange(entry->waiter, nullptr));
  }
  return true;
}

void Engine::seal_entry(const Entry& entry, std::string& out) {
  chain_.seal(entry.fields, Chain::Sign::no, out);
  if (entry.kind == Kind::accepted) open_.insert(entry.request_id);
  if (entry.kind == Kind::completed) open_.erase(entry.request_id);
}

void Engine::sync() {
  if (auto status = store_.sync(); !status) {
    fail(status.error());
    return;
  }
  for (Entry& entry : unsynced_) {
    if (entry.waiter == nullptr) continue;
    entry.waiter->stored = true;
    entry.waiter->inbox->deliver(*std::exchange(entry.waiter, nullptr));
  }
  unsynced_.clear();
  unsynced_lines_ = 0;
  unsynced_since_ = SteadyTime::max();
  synced_point_ = chain_.point();
  synced_bytes_ = store_.bytes();
}

void Engine::keep_event(std::string fields) {
  pending_.push_back({Kind::event, {}, std::move(fields), nullptr});
}

void Engine::tick(bool idle) {
  watch_clock();
  if (!accepting_ && now() >= retry_at_) try_recover();
  flush();
  if (!store_.is_open()) return;
  if (unsynced_lines_ > 0 && (idle || now() - unsynced_since_ >= options_.sync_age)) sync();
  if (store_.is_open()) rotate_if_due(idle);
  if (store_.is_open() && now() >= retention_due_) retire_segments();
}

SteadyTime Engine::due() const {
  if (!store_.is_open()) return retry_at_;
  SteadyTime at = std::min(retention_due_, segment_began_ + options_.segment_age);
  if (!accepting_) at = std::min(at, retry_at_);
  if (unsynced_lines_ > 0) at = std::min(at, unsynced_since_ + options_.sync_age);
  if (!chain_.sealed()) return at;
  if (lines_since_checkpoint_ == 0) return std::min(at, checkpointed_ + options_.checkpoint_empty);
  return std::min({at, checkpointed_ + options_.checkpoint_age, last_line_ + options_.checkpoint_idle});
}

void Engine::close() {
  flush();
  if (!store_.is_open()) try_recover();
  if (!store_.is_open()) return;
  keep_event(stamp("audit.close"));
  flush();
  if (store_.is_open()) end_segment("close");
  store_.close();
}

}  // namespace kt::audit

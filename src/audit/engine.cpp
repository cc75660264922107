#include "audit/engine.hpp"

#include <algorithm>
#include <cerrno>

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
      sync_began_(now() - options_.sync_age),
      retention_due_(now() + std::chrono::minutes(1)),
      wall_minus_steady_(options_.clock->wall().time_since_epoch() -
                         std::chrono::duration_cast<std::chrono::microseconds>(now().time_since_epoch())) {}

void Engine::append(std::vector<Entry>& batch) {
  for (Entry& entry : batch) {
    if (!accepting_ && refuse(entry)) continue;
    pending_.push_back(std::move(entry));
  }
  batch.clear();
  finish_sync(false);
  flush();
}

void Engine::flush() {
  while (store_.is_open() && !pending_.empty()) {
    if (!write_some()) return;
    const bool due = options_.mode == Mode::strict || unsynced_lines_ >= options_.sync_lines ||
                     now() - unsynced_since_ >= options_.sync_age;
    if (due) start_sync();
    if (store_.is_open()) rotate_if_due(false);
  }
}

bool Engine::write_some() {
  std::string& lines = scratch_;
  lines.clear();
  const ChainPoint before = chain_.point();
  std::size_t count = 0;
  for (; count < pending_.size() && count < kWriteEntries && lines.size() < kWriteBytes; ++count)
    seal_entry(pending_[count], lines);
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(count);
  unsynced_.insert(unsynced_.end(), std::move_iterator(pending_.begin()), std::move_iterator(end));
  pending_.erase(pending_.begin(), end);
  if (auto status = store_.append(lines); !status) {
    write_failed(status.error(), before, count);
    return false;
  }
  last_line_ = now();
  if (unsynced_lines_ == 0) unsynced_since_ = last_line_;
  unsynced_lines_ += count;
  lines_since_checkpoint_ += count;
  ended_ = false;
  if (options_.mode == Mode::strict) return true;
  for (auto entry = unsynced_.end() - static_cast<std::ptrdiff_t>(count); entry != unsynced_.end(); ++entry) {
    if (entry->waiter != nullptr) std::exchange(entry->waiter, nullptr)->decide(true);
  }
  return true;
}

void Engine::seal_entry(const Entry& entry, std::string& out) {
  chain_.seal(entry.fields, Chain::Sign::no, out);
  if (entry.kind == Kind::accepted) open_.insert(entry.request_id);
  if (entry.kind == Kind::completed) open_.erase(entry.request_id);
}

void Engine::start_sync() {
  if (!syncer_) return sync();
  if (running_.running) return;  // the next one begins when this one is done
  sync_began_ = now();
  running_ = {true, chain_.point(), store_.bytes(), unsynced_.size()};
  syncer_->begin(store_.fd());
}

void Engine::finish_sync(bool wait) {
  if (!running_.running || (!wait && !syncer_->finished())) return;
  errno = syncer_->wait();
  running_.running = false;
  if (errno != 0) return fail(file_error("cannot sync", store_.path()));
  note_synced(running_.point, running_.bytes, running_.entries);
}

void Engine::sync() {
  finish_sync(true);
  if (!store_.is_open()) return;
  if (auto status = store_.sync(); !status) return fail(status.error());
  note_synced(chain_.point(), store_.bytes(), unsynced_.size());
}

void Engine::note_synced(const ChainPoint& point, std::uint64_t bytes, std::size_t entries) {
  const auto end = unsynced_.begin() + static_cast<std::ptrdiff_t>(entries);
  for (auto entry = unsynced_.begin(); entry != end; ++entry) {
    if (entry->waiter != nullptr) std::exchange(entry->waiter, nullptr)->decide(true);
  }
  unsynced_.erase(unsynced_.begin(), end);
  const bool all = bytes == store_.bytes();
  unsynced_lines_ = all ? 0 : std::max<std::size_t>(1, unsynced_.size());
  unsynced_since_ = all ? SteadyTime::max() : sync_began_;
  synced_point_ = point;
  synced_bytes_ = bytes;
  tell_witness();
}

void Engine::keep_event(std::string fields) {
  pending_.push_back({Kind::event, {}, std::move(fields), nullptr});
}

void Engine::tick(bool idle) {
  finish_sync(false);
  watch_clock();
  if (!accepting_ && now() >= retry_at_) try_recover();
  flush();
  if (!store_.is_open()) return;
  // Idle is a log that has not been synced for a while; a busy one is synced every sync_age.
  const bool rested = now() - sync_began_ >= options_.sync_age;
  const bool waited_for =
      options_.mode == Mode::strict || (idle && rested) || now() - unsynced_since_ >= options_.sync_age;
  if (unsynced_lines_ > 0 && waited_for) start_sync();
  if (store_.is_open()) rotate_if_due(idle);
  if (store_.is_open() && now() >= retention_due_) retire_segments();
}

SteadyTime Engine::due() const {
  if (!store_.is_open()) return retry_at_;
  SteadyTime at = std::min(retention_due_, segment_began_ + options_.segment_age);
  if (!accepting_) at = std::min(at, retry_at_);
  // A sync that runs says itself when it is done.
  if (unsynced_lines_ > 0 && !running_.running) at = std::min(at, unsynced_since_ + options_.sync_age);
  if (!chain_.sealed()) return at;
  if (lines_since_checkpoint_ == 0) return std::min(at, checkpointed_ + options_.checkpoint_empty);
  return std::min({at, checkpointed_ + options_.checkpoint_age, last_line_ + options_.checkpoint_idle});
}

void Engine::close() {
  // A disk that fails at the very end gets a second and a third chance: nobody tries again later.
  for (int tries = 0; tries < 3; ++tries) {
    if (!accepting_) try_recover();
    flush();
    if (!store_.is_open()) continue;
    keep_event(stamp("audit.close"));
    flush();
    if (store_.is_open()) end_segment("close");
    if (store_.is_open()) break;
  }
  store_.close();
}

}  // namespace kt::audit

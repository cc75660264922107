// What happens when the disk does not take it. The file is closed at once: after a failed fdatasync the
// kernel has dropped the pages and a second try on the same descriptor would report success.
#include <algorithm>

#include "audit/engine.hpp"
#include "audit/scan.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::audit {
namespace {

constexpr std::chrono::milliseconds kRetry{250};

}  // namespace

bool Engine::refuse(Entry& entry) {
  if (entry.kind != Kind::accepted || entry.waiter == nullptr) return false;
  count_refused();
  open_.erase(entry.request_id);
  std::exchange(entry.waiter, nullptr)->decide(false);
  return true;
}

// What stands before a failed write is made sure where it is, so that little is written again: a file that has
// reached its limit would have to fit into the next one as a whole.
void Engine::write_failed(const Error& error, const ChainPoint& before, std::size_t entries) {
  finish_sync(true);
  if (!store_.is_open()) return;  // the sync failed, and said so
  if (store_.sync()) note_synced(before, store_.bytes(), unsynced_.size() - entries);
  fail(error);
}

void Engine::fail(const Error& error) {
  if (accepting_) {
    gap_began_ = rfc3339(options_.clock->wall());
    gap_reason_ = error.message;
    refused_before_gap_ = refused();
  }
  if (trouble_ != error.message)
    telemetry::log(telemetry::Level::error, "audit_unavailable",
                   {{"reason", std::string_view(error.message)}});
  trouble_ = error.message;
  accepting_ = false;
  if (running_.running) syncer_->wait();
  running_.running = false;
  to_witness_.clear();
  if (store_.is_open() && store_.bytes() > 0) cuts_.push_back({store_.path(), synced_bytes_});
  store_.close();
  store_.free_reserve();
  chain_.restore(synced_point_);
  pending_.insert(pending_.begin(), std::move_iterator(unsynced_.begin()),
                  std::move_iterator(unsynced_.end()));
  unsynced_.clear();
  unsynced_lines_ = 0;
  unsynced_since_ = SteadyTime::max();
  pending_.erase(
      std::remove_if(pending_.begin(), pending_.end(), [this](Entry& entry) { return refuse(entry); }),
      pending_.end());
  retry_at_ = now() + kRetry;
}

// A new segment that goes on where the disk surely stood; what was not surely there is written again in it.
bool Engine::reopen() {
  std::string_view found = "ok";
  if (!cuts_.empty()) {
    const auto scan = scan_segment({0, cuts_.back().path, 0}, chain_.sealed(), chain_.keys());
    found = !scan ? "unreadable" : scan->good_bytes < cuts_.back().bytes ? "damaged" : "ok";
  }
  std::string fields = stamp("audit.trouble") + ",\"reason\":";
  append_json_string(gap_reason_, 512, fields);
  add_text(fields, "scan", found);
  keep_event(std::move(fields));
  const Previous previous{ended_ ? "ended" : "io_error", synced_bytes_};
  if (auto status = begin_segment(previous, true); !status) {
    pending_.pop_back();
    if (trouble_ != status.error().message) trouble_ = status.error().message;
    return false;
  }
  return true;
}

void Engine::try_recover() {
  retry_at_ = now() + kRetry;
  if (!store_.is_open() && !reopen()) return;
  while (!cuts_.empty()) {
    if (auto status = store_.cut(cuts_.back().path, cuts_.back().bytes); !status) {
      trouble_ = status.error().message;
      return;
    }
    cuts_.pop_back();
  }
  if (auto status = store_.make_reserve(); !status) {
    trouble_ = status.error().message;
    return;
  }
  std::string fields = stamp("audit.gap");
  add_text(fields, "began", gap_began_);
  add_number(fields, "refused", refused() - refused_before_gap_);
  fields += ",\"reason\":";
  append_json_string(gap_reason_, 512, fields);
  keep_event(std::move(fields));
  accepting_ = true;
  trouble_.clear();
  flush();
  if (store_.is_open()) sync();
  if (accepting_) telemetry::log(telemetry::Level::info, "audit_available");
}

}  // namespace kt::audit

// Whole segments leave, the oldest first, after a signed line says so.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "audit/engine.hpp"
#include "audit/line.hpp"
#include "audit/lines.hpp"
#include "kt/audit/time.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::audit {
namespace {

constexpr std::chrono::hours kEvery{1};
constexpr std::chrono::seconds kJump{2};

// When the segment had surely ended: the start of the next, or the file's last change if that is later.
std::optional<WallTime> newest_of(const SegmentFile& file, const LineView& next_start) {
  const auto began = parse_rfc3339(next_start.timestamp);
  struct stat facts {};
  if (!began || stat(file.path.c_str(), &facts) != 0) return std::nullopt;
  return std::max(*began, WallTime(std::chrono::seconds(facts.st_mtim.tv_sec)));
}

}  // namespace

void Engine::retire_segments() {
  retention_due_ = now() + kEvery;
  // A wall clock that jumped must not make records old.
  if (clock_jumped_) return;
  const auto listing = list_segments(store_.directory());
  if (!listing) return;
  const auto& segments = chain_.sealed() ? listing->sealed : listing->plain;
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    if (!retire(segments[i], segments[i + 1])) return;
  }
}

bool Engine::retire(const SegmentFile& oldest, const SegmentFile& next) {
  auto lines = Lines::open(next.path);
  std::string_view text;
  LineView start;
  if (!lines || !lines->next(text) || parse_line(text, start) != nullptr) return false;
  const auto newest = newest_of(oldest, start);
  const auto kept = std::chrono::hours(24) * options_.retention_days;
  if (!newest || start.seq == 0 || options_.clock->wall() - *newest < kept) return false;
  std::string fields = stamp("segment.retired");
  add_number(fields, "segment", oldest.number);
  add_number(fields, "last_seq", start.seq - 1);
  add_text(fields, "last_hash", start.prev);
  add_text(fields, "newest", rfc3339(*newest));
  add_number(fields, "retention_days", options_.retention_days);
  if (!store_signed(fields)) return false;
  if (unlink(oldest.path.c_str()) != 0 || !sync_directory(store_.directory())) {
    telemetry::log(telemetry::Level::warn, "audit_segment_not_removed",
                   {{"path", std::string_view(oldest.path)}});
    return false;
  }
  return true;
}

void Engine::watch_clock() {
  const auto steady = std::chrono::duration_cast<std::chrono::microseconds>(now().time_since_epoch());
  const auto apart = options_.clock->wall().time_since_epoch() - steady;
  const auto moved = apart - wall_minus_steady_;
  wall_minus_steady_ = apart;
  if (std::chrono::abs(moved) < kJump) return;
  clock_jumped_ = true;
  std::string fields = stamp("clock.jump");
  const std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(moved).count();
  fields += ",\"moved_ms\":" + std::to_string(ms);
  keep_event(std::move(fields));
}

}  // namespace kt::audit

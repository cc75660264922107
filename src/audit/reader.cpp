#include "kt/audit/reader.hpp"

#include <algorithm>

#include "audit/line.hpp"
#include "audit/lines.hpp"
#include "kt/audit/keys.hpp"
#include "kt/audit/time.hpp"

namespace kt::audit {
namespace {

Result<std::vector<SegmentFile>> all_segments(const std::string& state_dir) {
  auto listing = list_segments(record_directory(state_dir));
  if (!listing) return listing.error();
  std::vector<SegmentFile> all = std::move(listing->plain);
  all.insert(all.end(), listing->sealed.begin(), listing->sealed.end());
  return all;
}

// Takes the whole lines of a file behind `offset`. False when `take` had enough.
Result<bool> read_file(const std::string& path, std::uint64_t& offset,
                       const std::function<bool(const ReadLine&)>& take) {
  auto lines = Lines::open(path, offset);
  if (!lines) return lines.error();
  std::string_view text;
  while (lines->next(text)) {
    if (!lines->complete()) break;
    offset = lines->end();
    LineView line;
    if (parse_line(text, line) != nullptr) continue;
    if (!take({line.seq, line.event_type, line.timestamp, text})) return false;
  }
  if (!lines->status()) return lines->status().error();
  return true;
}

std::optional<WallTime> began(const SegmentFile& file) {
  std::optional<WallTime> time;
  std::uint64_t offset = 0;
  const auto read = read_file(file.path, offset, [&](const ReadLine& line) {
    time = parse_rfc3339(line.timestamp);
    return false;
  });
  return read ? time : std::nullopt;
}

}  // namespace

Status read_records(const std::string& state_dir, std::optional<WallTime> from,
                    const std::function<bool(const ReadLine&)>& take) {
  const auto segments = all_segments(state_dir);
  if (!segments) return segments.error();
  for (std::size_t i = 0; i < segments->size(); ++i) {
    if (from && i + 1 < segments->size()) {
      const auto next = began((*segments)[i + 1]);
      if (next && *next < *from) continue;
    }
    std::uint64_t offset = 0;
    const auto more = read_file((*segments)[i].path, offset, take);
    if (!more) return more.error();
    if (!*more) return {};
  }
  return {};
}

Status Follower::skip_to_end() {
  const auto segments = all_segments(state_dir_);
  if (!segments) return segments.error();
  if (segments->empty()) return {};
  path_ = segments->back().path;
  return poll([](const ReadLine&) {});
}

Status Follower::poll(const std::function<void(const ReadLine&)>& take) {
  const auto segments = all_segments(state_dir_);
  if (!segments) return segments.error();
  const auto known = [this](const SegmentFile& each) { return each.path == path_; };
  auto at = std::find_if(segments->begin(), segments->end(), known);
  if (at == segments->end()) {
    at = segments->begin();
    offset_ = 0;
  }
  for (; at != segments->end(); ++at) {
    if (at->path != path_) offset_ = 0;
    path_ = at->path;
    const auto read = read_file(path_, offset_, [&](const ReadLine& line) {
      take(line);
      return true;
    });
    if (!read) return read.error();
  }
  return {};
}

}  // namespace kt::audit

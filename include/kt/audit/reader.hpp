#pragma once
// The records of a log in order, as they are stored; nothing is verified. In constant memory.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "kt/base/clock.hpp"
#include "kt/base/result.hpp"

namespace kt::audit {

struct ReadLine {
  std::uint64_t seq = 0;
  std::string_view event_type, timestamp;
  std::string_view text;  // the whole line, without its line feed
};

// Calls `take` with every whole line of the sealed and plain segments of <state-dir>/audit, until it returns
// false. Segments that end before `from` are not opened. Lines that are not of the format are passed over.
Status read_records(const std::string& state_dir, std::optional<WallTime> from,
                    const std::function<bool(const ReadLine&)>& take);

// Follows the newest segment from its present end: every call takes what was added, new segments included.
class Follower {
 public:
  explicit Follower(std::string state_dir) : state_dir_(std::move(state_dir)) {}
  Status skip_to_end();
  Status poll(const std::function<void(const ReadLine&)>& take);

 private:
  std::string state_dir_;
  std::string path_;          // the segment being read
  std::uint64_t offset_ = 0;  // up to here its lines were taken
};

}  // namespace kt::audit

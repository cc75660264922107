#pragma once
// The log's lines for somebody who takes them elsewhere: in order, from where a cursor file says, and only
// what is on the disk for good. The segments themselves are the spool.

#include <cstdint>
#include <string>
#include <vector>

#include "kt/audit/log.hpp"
#include "kt/base/result.hpp"

namespace kt::audit {

// Not thread-safe. `signed_only` leaves out every line without a signature.
class Feed {
 public:
  // Without a cursor file the feed begins at the oldest line. The file is one line:
  // `kt-audit-cursor <segment> <offset>`.
  static Result<Feed> open(const std::string& state_dir, std::string cursor, bool signed_only);

  // The next lines up to `end`, line feeds left off: about `bytes` of the log, one line at least. None:
  // nothing new. The same again until done(). What retention has removed is passed over.
  Result<std::vector<std::string>> next(const Durable& end, std::size_t bytes);

  // What next() gave has arrived: the cursor moves behind it, on the disk.
  Status done();

 private:
  struct Place {
    std::uint64_t segment = 0, offset = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  Feed(std::string directory, std::string cursor, bool signed_only, Place from)
      : directory_(std::move(directory)),
        cursor_(std::move(cursor)),
        signed_only_(signed_only),
        at_(from),
        ahead_(from) {}
  Status take(const std::string& path, std::uint64_t end, std::size_t& left, std::vector<std::string>& lines);

  std::string directory_, cursor_;
  bool signed_only_;
  Place at_, ahead_;  // arrived; handed out
};

}  // namespace kt::audit

#include "audit/lines.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "audit/line.hpp"

namespace kt::audit {
namespace {

constexpr std::size_t kBuffer = 1 << 20;
static_assert(kBuffer >= 2 * kMaxLine);

}  // namespace

Lines::Lines(Fd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)), buffer_(std::make_unique<char[]>(kBuffer)) {}

Result<Lines> Lines::open(const std::string& path, std::uint64_t from) {
  auto fd = open_file(path, O_RDONLY);
  if (!fd) return fd.error();
  posix_fadvise(fd->get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  if (from > 0 && lseek(fd->get(), static_cast<off_t>(from), SEEK_SET) < 0)
    return file_error("cannot seek in", path);
  Lines lines(std::move(*fd), path);
  lines.offset_ = lines.end_ = from;
  return lines;
}

void Lines::fill() {
  std::memmove(buffer_.get(), buffer_.get() + begin_, filled_ - begin_);
  filled_ -= begin_;
  begin_ = 0;
  while (filled_ < kBuffer) {
    const ssize_t got = read(fd_.get(), buffer_.get() + filled_, kBuffer - filled_);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) status_ = file_error("cannot read", path_);
    if (got <= 0) {
      at_end_ = true;
      return;
    }
    filled_ += static_cast<std::size_t>(got);
  }
}

bool Lines::next(std::string_view& line) {
  offset_ = end_;
  for (int round = 0; round < 2; ++round) {
    const std::string_view have(buffer_.get() + begin_, filled_ - begin_);
    const std::size_t feed = have.find('\n');
    if (feed != have.npos || at_end_ || have.size() > kMaxLine) {
      complete_ = feed != have.npos && feed <= kMaxLine;
      line = have.substr(0, std::min({feed, have.size(), kMaxLine}));
      const std::size_t taken = line.size() + (complete_ ? 1 : 0);
      begin_ += taken;
      end_ += taken;
      return taken > 0 && status_.has_value();
    }
    fill();
    if (!status_) return false;
  }
  return next(line);
}

}  // namespace kt::audit

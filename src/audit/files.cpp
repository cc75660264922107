#include "audit/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

namespace kt::audit {
namespace {

constexpr std::size_t kNumberDigits = 10;

// The number in "<prefix>0000000001.jsonl"; 0 when the name is not of that form.
std::uint64_t number_in(std::string_view name, std::string_view prefix) {
  constexpr std::string_view kEnd = ".jsonl";
  if (!name.starts_with(prefix) || !name.ends_with(kEnd)) return 0;
  name.remove_prefix(prefix.size());
  name.remove_suffix(std::min(name.size(), kEnd.size()));
  if (name.size() != kNumberDigits) return 0;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = other.release();
  }
  return *this;
}

int Fd::release() {
  const int number = number_;
  number_ = -1;
  return number;
}

void Fd::reset() {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

Error file_error(std::string_view what, const std::string& path) {
  const int code = errno;
  return {Code::internal, std::string(what) + " " + path + ": " + std::strerror(code)};
}

Result<Fd> open_file(const std::string& path, int flags, unsigned mode) {
  Fd fd(open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return file_error("cannot open", path);
  return fd;
}

Status write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("cannot write", path);
    if (written == 0) {
      errno = ENOSPC;
      return file_error("cannot write", path);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> read_small(const std::string& path) {
  auto fd = open_file(path, O_RDONLY);
  if (!fd) return fd.error();
  std::string text(1 << 20, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(fd->get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("cannot read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  return text;
}

Status replace_file(const std::string& path, std::string_view bytes, unsigned mode) {
  const std::string fresh = path + ".new";
  auto fd = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (!fd) return fd.error();
  if (auto status = write_all(fd->get(), bytes, fresh); !status) return status;
  if (fdatasync(fd->get()) != 0) return file_error("cannot sync", fresh);
  if (rename(fresh.c_str(), path.c_str()) != 0) return file_error("cannot rename to", path);
  return sync_directory(path.substr(0, path.rfind('/')));
}

Status sync_directory(const std::string& path) {
  auto fd = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!fd) return fd.error();
  if (fsync(fd->get()) != 0) return file_error("cannot sync", path);
  return {};
}

Status make_directory(const std::string& path, unsigned mode) {
  if (mkdir(path.c_str(), mode) == 0 || errno == EEXIST) return {};
  return file_error("cannot create", path);
}

Result<Fd> claim_directory(const std::string& path) {
  auto fd = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!fd) return fd.error();
  if (flock(fd->get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return file_error("cannot lock", path);
  return Error{Code::internal, path + " is in use by another process; one process writes an audit log"};
}

std::string segment_name(bool sealed, std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, kNumberDigits - std::min(kNumberDigits, digits.size()), '0');
  return (sealed ? "audit-" : "plain-") + digits + ".jsonl";
}

Result<Listing> list_segments(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), &closedir);
  if (!open) return file_error("cannot read", directory);
  Listing listing;
  while (const dirent* entry = readdir(open.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const std::string path = directory + "/" + name;
    struct stat facts {};
    const bool file = lstat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
    const auto bytes = static_cast<std::uint64_t>(facts.st_size);
    if (const std::uint64_t number = number_in(name, "audit-"); file && number != 0) {
      listing.sealed.push_back({number, path, bytes});
    } else if (const std::uint64_t plain = number_in(name, "plain-"); file && plain != 0) {
      listing.plain.push_back({plain, path, bytes});
    } else {
      listing.foreign.push_back(name);
    }
  }
  const auto by_number = [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; };
  std::sort(listing.sealed.begin(), listing.sealed.end(), by_number);
  std::sort(listing.plain.begin(), listing.plain.end(), by_number);
  std::sort(listing.foreign.begin(), listing.foreign.end());
  return listing;
}

}  // namespace kt::audit

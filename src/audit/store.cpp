#include "audit/store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace kt::audit {
namespace {

constexpr off_t kReserveBytes = 1 << 20;

}  // namespace

Status Store::begin(bool sealed, std::uint64_t number, std::string_view header) {
  close();
  if (auto status = make_directory(directory_, 0750); !status) return status;
  const std::string fresh = directory_ + "/.segment.new";
  unlink(fresh.c_str());
  auto fd = open_file(fresh, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
  if (!fd) return fd.error();
  const std::string path = directory_ + "/" + segment_name(sealed, number);
  Status status = write_all(fd->get(), header, fresh);
  if (status && fdatasync(fd->get()) != 0) status = file_error("cannot sync", fresh);
  if (status && access(path.c_str(), F_OK) == 0) status = Error{Code::internal, path + " exists already"};
  const bool named = status && rename(fresh.c_str(), path.c_str()) == 0;
  if (status && !named) status = file_error("cannot rename to", path);
  if (named) status = sync_directory(directory_);
  if (!status) {
    unlink(named ? path.c_str() : fresh.c_str());
    return status;
  }
  file_ = std::move(*fd);
  path_ = path;
  bytes_ = header.size();
  return {};
}

Status Store::append(std::string_view bytes) {
  if (auto status = write_all(file_.get(), bytes, path_); !status) return status;
  bytes_ += bytes.size();
  return {};
}

Status Store::sync() {
  if (fdatasync(file_.get()) != 0) return file_error("cannot sync", path_);
  return {};
}

Status Store::cut(const std::string& path, std::uint64_t bytes) {
  auto fd = open_file(path, O_WRONLY);
  if (!fd) return fd.error();
  struct stat facts {};
  if (fstat(fd->get(), &facts) != 0) return file_error("cannot look at", path);
  if (static_cast<std::uint64_t>(facts.st_size) <= bytes) return {};
  if (ftruncate(fd->get(), static_cast<off_t>(bytes)) != 0) return file_error("cannot cut", path);
  if (fsync(fd->get()) != 0) return file_error("cannot sync", path);
  return {};
}

Status Store::make_reserve() {
  const std::string path = state_directory_ + "/reserve";
  auto fd = open_file(path, O_WRONLY | O_CREAT, 0600);
  if (!fd) return fd.error();
  struct stat facts {};
  if (fstat(fd->get(), &facts) == 0 && facts.st_size >= kReserveBytes &&
      facts.st_blocks * 512 >= kReserveBytes)
    return {};
  if (const int error = posix_fallocate(fd->get(), 0, kReserveBytes); error != 0) {
    errno = error;
    const Error full = file_error("cannot reserve space in", path);
    unlink(path.c_str());
    return full;
  }
  return {};
}

void Store::free_reserve() { unlink((state_directory_ + "/reserve").c_str()); }

}  // namespace kt::audit

#pragma once
// The segment that is being written, as a file: a header that appears whole or not at all, appended bytes,
// syncs, and the reserve that a full disk gives back.

#include <string>

#include "audit/files.hpp"

namespace kt::audit {

class Store {
 public:
  Store(std::string directory, std::string state_directory)
      : directory_(std::move(directory)), state_directory_(std::move(state_directory)) {}

  // The file appears under its name with `header` on the disk; the previous one is closed.
  Status begin(bool sealed, std::uint64_t number, std::string_view header);
  Status append(std::string_view bytes);
  Status sync();
  [[nodiscard]] int fd() const { return file_.get(); }
  void close() { file_.reset(); }

  // Cuts what stands behind `bytes` off a segment, on the disk.
  Status cut(const std::string& path, std::uint64_t bytes);

  // 1 MiB that is only there to be freed. make_reserve() fails while the disk is full.
  Status make_reserve();
  void free_reserve();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }  // appended so far, header included
  [[nodiscard]] bool is_open() const { return static_cast<bool>(file_); }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] const std::string& state_directory() const { return state_directory_; }

 private:
  std::string directory_, state_directory_, path_;
  Fd file_;
  std::uint64_t bytes_ = 0;
};

}  // namespace kt::audit

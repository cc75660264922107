#pragma once
// Files and directories with their errors as values. Every open is O_CLOEXEC and O_NOFOLLOW.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kt/base/result.hpp"

namespace kt::audit {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release();
  void reset();

 private:
  int number_ = -1;
};

// "<what> <path>: <errno's text>"; the errno itself is the caller's to look at first.
Error file_error(std::string_view what, const std::string& path);

Result<Fd> open_file(const std::string& path, int flags, unsigned mode = 0640);
Status write_all(int fd, std::string_view bytes, const std::string& path);  // short writes are carried on
Result<std::string> read_small(const std::string& path);                    // up to 1 MiB
Status replace_file(const std::string& path, std::string_view bytes,
                    unsigned mode);  // all or nothing, durable
Status sync_directory(const std::string& path);
Status make_directory(const std::string& path, unsigned mode);

// An open directory with an exclusive flock: the single writer's claim, freed by the kernel when it dies.
Result<Fd> claim_directory(const std::string& path);

// Names of segments: audit-0000000001.jsonl (sealed), plain-0000000001.jsonl.
struct SegmentFile {
  std::uint64_t number = 0;
  std::string path;
  std::uint64_t bytes = 0;
};
std::string segment_name(bool sealed, std::uint64_t number);

struct Listing {
  std::vector<SegmentFile> sealed, plain;  // by number
  std::vector<std::string> foreign;        // names of anything else
};
Result<Listing> list_segments(const std::string& directory);

}  // namespace kt::audit

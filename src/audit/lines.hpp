#pragma once
// A file as lines, in constant memory.

#include <memory>
#include <string>
#include <string_view>

#include "audit/files.hpp"

namespace kt::audit {

class Lines {
 public:
  static Result<Lines> open(const std::string& path, std::uint64_t from = 0);

  // The next line without its line feed, valid until the next call. False at the end of the file or on an
  // error. A line longer than kMaxLine comes cut to that length and not complete.
  bool next(std::string_view& line);

  [[nodiscard]] bool complete() const { return complete_; }       // the line at hand ended with a line feed
  [[nodiscard]] std::uint64_t offset() const { return offset_; }  // of the line at hand
  [[nodiscard]] std::uint64_t end() const { return end_; }        // just behind it, line feed included
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  explicit Lines(Fd fd, std::string path);
  void fill();

  Fd fd_;
  std::string path_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, filled_ = 0;
  std::uint64_t offset_ = 0, end_ = 0;
  bool complete_ = false, at_end_ = false;
  Status status_;
};

}  // namespace kt::audit

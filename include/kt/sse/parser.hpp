#pragma once
// Server-sent events (WHATWG HTML 9.2.6) from bytes in any cutting.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kt::sse {

// One block. Views live until the next call of feed() or next().
struct Event {
  std::string_view
      raw;  // the exact bytes of the block: its comment lines and its terminating empty line included
  std::string_view type;  // the `event` field; empty = message
  std::string_view data;  // data lines joined by '\n'; zero-copy when there is one line
  std::string_view id;    // the last event id in force
  bool has_data = false;  // false: comments or fields without data only (WHATWG dispatches nothing)
};

// Line ends CR, LF, CRLF, also cut in the middle; one BOM at the start is dropped; unknown fields are
// ignored. Memory: one unfinished block; a block over max_block_bytes sets overflow() and nothing more comes
// out. Not thread-safe. No failure but overflow: any bytes are some event stream.
class Parser {
 public:
  explicit Parser(std::size_t max_block_bytes = 16u << 20) : max_block_(max_block_bytes) {}

  // Hands over the next bytes; they must stay alive until next() has returned nullopt.
  void feed(std::string_view bytes);

  // The next complete block (also one without data), or nullopt when more bytes are needed.
  std::optional<Event> next();

  // Bytes of an unfinished block that is being held.
  [[nodiscard]] std::size_t pending() const;
  [[nodiscard]] bool overflow() const { return overflow_; }

 private:
  struct Range {
    std::size_t begin = 0, end = 0;
  };

  bool skip_prefix();
  void take_line(std::size_t begin, std::size_t end);
  std::optional<Event> dispatch(std::size_t after);
  void keep_rest();

  std::size_t max_block_;
  std::string_view input_;    // from the start of the block at hand; into held_ or into the fed bytes
  std::string held_;          // an unfinished block between feeds
  std::size_t scanned_ = 0;   // offset behind the last complete line of the block
  std::size_t searched_ = 0;  // no line end before this offset
  std::size_t data_lines_ = 0;
  Range data_, type_;
  std::string joined_;  // data of several lines
  std::string id_;
  bool at_start_ = true, swallow_lf_ = false, overflow_ = false;
};

}  // namespace kt::sse

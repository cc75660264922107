#pragma once
// One response from an upstream connection, behind the strict gate: whatever has more than one reading is an
// error.

#include <string>
#include <string_view>

#include "kt/base/result.hpp"
#include "kt/http/head.hpp"
#include "kt/net/connection.hpp"
#include "kt/net/task.hpp"

namespace kt::net {

class ResponseReader {
 public:
  explicit ResponseReader(Connection& connection) : connection_(connection) {}

  // Reads the head, interim (1xx) heads skipped. The views in head() live until the next co_await.
  // Errors: upstream_reset (no byte came: a reused connection may have been dead already),
  // upstream_truncated, upstream_timeout, upstream_protocol, upstream_too_large.
  Task<Status> read_head(Time deadline);
  [[nodiscard]] const http::ResponseHead& head() const { return head_; }
  [[nodiscard]] bool got_any_byte() const { return got_byte_; }

  enum class Step : unsigned char { run, need_more, done, bad };

  // Takes the next run of body bytes that are already here. The view lives until the next co_await.
  Step next(std::string_view& run);

  // Waits for more bytes: data to look at (then call next()), or a timeout that may be repeated, or the end
  // of the connection, which is the end of the body when the head said so (done) and a truncation otherwise.
  enum class More : unsigned char { data, done, truncated, timed_out };
  Task<More> more(Time deadline);

  // Reads the whole body into `body`, at most `limit` bytes.
  Task<Status> read_body(std::string& body, std::size_t limit, Time deadline);

  // After done: may the connection serve another request?
  [[nodiscard]] bool reusable() const;

 private:
  Connection& connection_;
  http::ResponseHead head_;
  http::ChunkedDecoder chunked_;
  std::uint64_t left_ = 0;  // Framing::length
  bool got_byte_ = false, done_ = false;
};

}  // namespace kt::net

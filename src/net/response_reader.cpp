#include "kt/net/response_reader.hpp"

#include <algorithm>

namespace kt::net {
namespace {

constexpr http::HeadLimits kLimits{.max_head_bytes = 64u << 10, .max_target_bytes = 0};
constexpr int kMaxInterim = 8;
constexpr std::size_t kMaxGrowth = 256u << 10;

}  // namespace

Task<Status> ResponseReader::read_head(Time deadline) {
  for (int interim = 0; interim < kMaxInterim;) {
    const http::HeadResult result = http::parse_response_head(connection_.bytes(), kLimits, false, head_);
    if (result.state == http::HeadState::reject) {
      const Code code = connection_.bytes().size() > kLimits.max_head_bytes ? Code::upstream_too_large
                                                                            : Code::upstream_protocol;
      co_return Error{code, "the upstream's answer is not valid HTTP", result.reason};
    }
    if (result.state == http::HeadState::complete) {
      connection_.consume(result.consumed);
      if (head_.status >= 200) {
        left_ = head_.content_length;
        done_ =
            head_.framing == http::Framing::none || (head_.framing == http::Framing::length && left_ == 0);
        co_return Status{};
      }
      ++interim;
      continue;
    }
    const Wake wake = co_await connection_.more(deadline);
    if (wake == Wake::timed_out)
      co_return Error{Code::upstream_timeout, "the upstream did not answer in time"};
    if (wake == Wake::data) {
      got_byte_ = true;
    } else if (got_byte_) {
      co_return Error{Code::upstream_truncated, "the upstream ended its answer early"};
    } else {
      co_return Error{Code::upstream_reset, "the upstream closed the connection without an answer"};
    }
  }
  co_return Error{Code::upstream_protocol, "the upstream sent too many interim answers"};
}

ResponseReader::Step ResponseReader::next(std::string_view& run) {
  run = {};
  if (done_) return Step::done;
  const std::string_view bytes = connection_.bytes();
  if (bytes.empty()) return Step::need_more;
  if (head_.framing == http::Framing::chunked) {
    const http::ChunkedDecoder::Step step = chunked_.step(bytes);
    run = step.data;
    connection_.consume(step.consumed);
    if (step.state == http::ChunkedDecoder::State::bad) return Step::bad;
    done_ = step.state == http::ChunkedDecoder::State::done;
    if (!run.empty()) return Step::run;
    if (done_) return Step::done;
    return connection_.bytes().empty() ? Step::need_more : next(run);
  }
  run = head_.framing == http::Framing::length ? bytes.substr(0, left_) : bytes;
  connection_.consume(run.size());
  if (head_.framing == http::Framing::length) {
    left_ -= run.size();
    done_ = left_ == 0;
  }
  return Step::run;
}

Task<ResponseReader::More> ResponseReader::more(Time deadline) {
  if (!connection_.armed() && left_ > 0) connection_.reserve(std::min<std::uint64_t>(left_, kMaxGrowth));
  const Wake wake = co_await connection_.more(deadline);
  switch (wake) {
    case Wake::data:
      co_return More::data;
    case Wake::timed_out:
      co_return More::timed_out;
    case Wake::end:
      if (head_.framing == http::Framing::until_close) {
        done_ = true;
        co_return More::done;
      }
      co_return More::truncated;
    case Wake::failed:
      break;
  }
  co_return More::truncated;
}

Task<Status> ResponseReader::read_body(std::string& body, std::size_t limit, Time deadline) {
  if (left_ > limit) co_return Error{Code::upstream_too_large, "the upstream's answer is too large"};
  for (;;) {
    std::string_view run;
    const Step step = next(run);
    if (step == Step::done) co_return Status{};
    if (step == Step::bad)
      co_return Error{Code::upstream_protocol, "the upstream's answer is not valid HTTP"};
    if (step == Step::run) {
      if (body.size() + run.size() > limit)
        co_return Error{Code::upstream_too_large, "the upstream's answer is too large"};
      body.append(run);
      continue;
    }
    const More more_result = co_await more(deadline);
    if (more_result == More::done) co_return Status{};
    if (more_result == More::timed_out)
      co_return Error{Code::upstream_timeout, "the upstream did not answer in time"};
    if (more_result == More::truncated)
      co_return Error{Code::upstream_truncated, "the upstream ended its answer early"};
  }
}

bool ResponseReader::reusable() const {
  return done_ && head_.keep_alive && head_.framing != http::Framing::until_close &&
         connection_.bytes().empty() && !connection_.ended();
}

}  // namespace kt::net

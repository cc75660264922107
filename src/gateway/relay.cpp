#include <algorithm>

#include "gateway/durations.hpp"
#include "gateway/enforce.hpp"
#include "gateway/reply_headers.hpp"
#include "kt/llm/event.hpp"
#include "kt/llm/stream_shape.hpp"
#include "kt/sse/parser.hpp"
#include "kt/sse/writer.hpp"

namespace kt::gateway {
namespace {

constexpr std::chrono::milliseconds kTail{50};  // for the upstream's last chunk after [DONE]
constexpr std::size_t kPrelude = 64 * 1024;     // what waits for the first content at most
constexpr int kCommentsOnly = 10;               // idle times that comments alone keep a stream alive for
constexpr std::string_view kComment = ": ping\n\n";

// Turns what one read brought into what one write sends.
class EventPump {
 public:
  EventPump(Exchange& exchange, const Target& target)
      : exchange_(exchange),
        parser_(exchange.snapshot->config.size_limits.max_response_bytes),
        shape_(asks_for_usage(exchange, target)),
        review_(review_stream(exchange)),
        openai_(exchange.route.surface == Surface::openai) {}

  // Appends what may go out now to out(). False: the upstream sends garbage.
  bool take(std::string_view run) {
    parser_.feed(run);
    while (const auto event = parser_.next()) {
      if (done_ || failed_ || refused_) continue;
      if (!take_event(*event)) return false;
    }
    return !parser_.overflow();
  }

  [[nodiscard]] std::string& out() { return out_; }
  [[nodiscard]] bool done() const { return done_; }      // [DONE] was seen; it stands in out() or went out
  [[nodiscard]] bool failed() const { return failed_; }  // the upstream reported an error in the stream
  [[nodiscard]] bool has_events() const { return has_events_; }
  // Content has come, or an end: from here on the answer is this one.
  [[nodiscard]] bool has_content() const { return has_content_ || done_ || refused_; }
  [[nodiscard]] std::uint64_t texts() const { return texts_; }  // events with text
  // Whether an event has come since the last call.
  bool take_news() { return std::exchange(news_, false); }
  [[nodiscard]] bool refused() const { return refused_; }  // a policy ends the stream; exchange.refusal

 private:
  bool take_event(const sse::Event& event) {
    if (!event.has_data) {
      out_.append(event.raw);
      return true;
    }
    has_events_ = news_ = true;
    if (llm::is_done(event.data)) {
      if (review_ && !decide(review_->end(out_))) return true;
      done_ = true;
      out_.append(event.raw);
      return true;
    }
    if (llm::scan_event(event.data, view_)) return false;
    if (view_.usage.present) exchange_.record.spent(view_.usage, *exchange_.trial.price);
    if (view_.has_text) {
      exchange_.record.first_token();
      exchange_.trial.book->first_token(system_clock().steady());
      ++texts_;
    }
    has_content_ |= view_.has_text || view_.finished;
    failed_ |= view_.error;
    note_content_filter(exchange_, event.data);
    switch (openai_ ? shape_.apply(event.data, view_) : llm::OpenAiShape::Action::pass) {
      case llm::OpenAiShape::Action::pass:
        judge(event.raw, event.type, event.data);
        break;
      case llm::OpenAiShape::Action::replace:
        shaped_.clear();
        sse::append_event({}, shape_.text(), shaped_);
        judge(shaped_, event.type, shape_.text());
        break;
      case llm::OpenAiShape::Action::drop:
        break;
    }
    return true;
  }

  // The event goes out as the policies leave it.
  void judge(std::string_view raw, std::string_view type, std::string_view data) {
    if (review_) {
      decide(review_->event(raw, type, data, out_));
    } else {
      out_.append(raw);
    }
  }

  bool decide(const policy::Decision& decision) {
    if (decision.passed()) return true;
    refused_ = true;
    exchange_.refusal = refusal_of(exchange_, decision, Code::output_blocked);
    return false;
  }

  Exchange& exchange_;
  sse::Parser parser_;
  llm::OpenAiShape shape_;
  llm::EventView view_;
  std::unique_ptr<policy::StreamReview> review_;
  std::string out_, shaped_;
  const bool openai_;
  bool done_ = false, failed_ = false, has_events_ = false, news_ = false, refused_ = false, has_content_ = false;
  std::uint64_t texts_ = 0;
};

// The first byte leaves when the audit trail has the request. False: it never will.
net::Task<bool> begin(Exchange& exchange, std::string& fields) {
  if (exchange.began) co_return true;
  const bool stored = co_await exchange.record.ticket.stored();
  if (!stored) co_return false;
  own_fields(exchange.record, fields.find("x-request-id: ") == std::string::npos, fields);
  exchange.record.status = 200;
  exchange.began = true;
  exchange.down.begin_stream(200, fields);
  co_return true;
}

// A stream that ends without its usage is recorded with an estimate: a token an event.
class Estimate {
 public:
  Estimate(Exchange& exchange, const EventPump& pump) : exchange_(exchange), pump_(pump) {}
  ~Estimate() {
    if (!exchange_.record.usage.present && exchange_.committed)
      exchange_.record.estimate(exchange_.ask.input_tokens, pump_.texts(), *exchange_.trial.price);
  }
  Estimate(const Estimate&) = delete;
  Estimate& operator=(const Estimate&) = delete;

 private:
  Exchange& exchange_;
  const EventPump& pump_;
};

net::Time after_silence(const Exchange& exchange) {
  return net::Clock::now() + duration(exchange.snapshot->config.gateway.keepalive_comment);
}

AttemptResult broken(Code code, const char* message) { return {AttemptEnd::failed, Error{code, message}}; }

// The upstream's last chunk usually comes with [DONE] or right behind it; then its connection can serve
// again, and our own last chunk goes out in one write with [DONE].
net::Task<void> read_tail(net::ResponseReader& reader) {
  const net::Time deadline = net::Clock::now() + kTail;
  for (;;) {
    std::string_view rest;
    const net::ResponseReader::Step step = reader.next(rest);
    if (step == net::ResponseReader::Step::run) continue;
    if (step != net::ResponseReader::Step::need_more) co_return;
    const net::ResponseReader::More more = co_await reader.more(deadline);
    if (more != net::ResponseReader::More::data) co_return;
  }
}

}  // namespace

net::Task<bool> keep_alive(Exchange& exchange) {
  std::string fields =
      "content-type: text/event-stream\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n";
  const bool began = co_await begin(exchange, fields);
  exchange.next_comment = after_silence(exchange);
  if (!began) co_return true;
  const std::error_code sent = co_await exchange.down.chunk(kComment);
  co_return !sent;
}

net::Task<AttemptResult> relay_stream(Exchange& exchange, const Target& target, net::ResponseReader& reader,
                                      std::string fields) {
  EventPump pump(exchange, target);
  const Estimate estimate(exchange, pump);
  const auto idle = duration(target.config.stream_idle_timeout.value_or(target.config.timeout));
  const net::Time whole = target.config.stream_timeout
                              ? net::Clock::now() + duration(*target.config.stream_timeout)
                              : net::kNever;
  net::Time silent_until = std::min(whole, net::Clock::now() + idle);
  net::Time comments_until = net::Clock::now() + kCommentsOnly * idle;
  for (;;) {
    std::string_view run;
    net::ResponseReader::Step step = reader.next(run);
    bool garbage = false;
    while (step == net::ResponseReader::Step::run && !garbage) {
      garbage = !pump.take(run);
      step = reader.next(run);
    }
    if (pump.done()) {
      co_await read_tail(reader);
      const bool began = co_await begin(exchange, fields);
      if (!began) co_return audit_refused(exchange);
      exchange.committed = true;
      if (exchange.record.usage.present) conclude(exchange, target, AttemptResult{AttemptEnd::answered});
      exchange.record.answered(pump.out());
      const std::error_code sent = co_await exchange.down.finish(pump.out());
      if (sent) co_return AttemptResult{AttemptEnd::client_gone};
      co_return AttemptResult{AttemptEnd::answered};
    }
    const bool waits = exchange.trial.may_fail_over && !exchange.committed && !pump.has_content() &&
                       pump.out().size() < kPrelude;
    if (pump.failed() && !exchange.committed && exchange.trial.may_fail_over)
      co_return broken(Code::upstream_protocol, "the upstream reported an error in its stream");
    if (!pump.out().empty() && !waits) {
      const bool began = co_await begin(exchange, fields);
      if (!began) co_return audit_refused(exchange);
      exchange.committed |= pump.has_events();
      exchange.record.answered(pump.out());
      const std::error_code sent = co_await exchange.down.chunk(pump.out());
      if (sent) co_return AttemptResult{AttemptEnd::client_gone};
      pump.out().clear();
      if (pump.take_news()) comments_until = net::Clock::now() + kCommentsOnly * idle;
      silent_until = std::min({whole, comments_until, net::Clock::now() + idle});
      exchange.next_comment = after_silence(exchange);
    }
    if (pump.refused()) co_return AttemptResult{AttemptEnd::refused};
    if (pump.failed()) {
      // The upstream said why in an event of its own; the stream is cut, so that nobody takes it for
      // complete.
      exchange.record.code = "upstream_error";
      exchange.trial.broke = true;
      exchange.down.abort();
      co_return AttemptResult{AttemptEnd::answered};
    }
    if (garbage)
      co_return broken(Code::upstream_protocol, "the upstream's stream is not made of JSON events");
    if (step == net::ResponseReader::Step::bad)
      co_return broken(Code::upstream_protocol, "the upstream's answer is not valid HTTP");
    if (step == net::ResponseReader::Step::done)
      co_return broken(Code::upstream_truncated, "the upstream ended its stream early");

    const net::ResponseReader::More more =
        co_await reader.more(std::min(silent_until, exchange.next_comment));
    if (more == net::ResponseReader::More::data) continue;
    if (more != net::ResponseReader::More::timed_out)
      co_return broken(Code::upstream_truncated, "the upstream ended its stream early");
    if (net::Clock::now() >= silent_until)
      co_return broken(Code::upstream_idle_timeout, "the upstream's stream stalled");
    const bool taken = co_await keep_alive(exchange);
    if (!taken) co_return AttemptResult{AttemptEnd::client_gone};
  }
}

}  // namespace kt::gateway

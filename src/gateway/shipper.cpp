#include "kt/gateway/shipper.hpp"

#include <algorithm>
#include <thread>

#include "gateway/otlp_logs.hpp"
#include "kt/audit/feed.hpp"
#include "kt/audit/keys.hpp"
#include "kt/base/hash.hpp"
#include "kt/http/url.hpp"
#include "kt/http/writer.hpp"
#include "kt/net/response_reader.hpp"
#include "kt/net/upstream.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{250};  // between looks for new lines
constexpr milliseconds kFirstDelay{250}, kLongestDelay{30'000};
constexpr std::chrono::seconds kTimeout{10};  // of one delivery
constexpr std::size_t kBatch = 512 * 1024, kLongestAnswer = 1 << 20;

std::string cursor_path(const std::string& state_dir, const Destination& destination) {
  const bool witness = destination.kind == Destination::Kind::witness;
  const std::string name = (witness ? "witness " : "otlp ") + destination.url;
  return audit::state_directory(state_dir) + "/cursor-" + hex(Sha256().of(name)).substr(0, 16);
}

std::string target_of(const http::Url& url, Destination::Kind kind) {
  constexpr std::string_view kLogs = "/v1/logs";
  if (kind == Destination::Kind::witness) return url.prefix.empty() ? "/" : url.prefix;
  return url.prefix.ends_with(kLogs) ? url.prefix : url.prefix + std::string(kLogs);
}

// The request's head without its content-length.
Result<std::string> head_of(const http::Url& url, const Destination& destination) {
  std::string head;
  http::HeadWriter writer(head);
  writer.request("POST", target_of(url, destination.kind));
  writer.own_field("host", url.authority());
  writer.own_field("user-agent", "kt/" KT_VERSION);
  writer.own_field("content-type", destination.kind == Destination::Kind::witness ? "application/x-ndjson"
                                                                                  : "application/json");
  for (const auto& [name, value] : destination.headers) {
    if (!writer.field(name, value)) return Error{Code::internal, "the header " + name + " cannot be sent"};
  }
  return head;
}

std::string body_of(const std::vector<std::string>& lines, Destination::Kind kind) {
  if (kind == Destination::Kind::otlp_logs) return otlp_logs(lines);
  std::string body;
  for (const std::string& line : lines) body.append(line).append("\n");
  return body;
}

}  // namespace

struct Shipper::Impl {
  Impl(std::shared_ptr<audit::Log> from, audit::Feed lines, const Destination& to, const http::Url& url,
       std::string fixed)
      : log(std::move(from)),
        feed(std::move(lines)),
        kind(to.kind),
        place(to.url),
        origin{url.tls, url.host, url.port},
        head(std::move(fixed)),
        resolver(loop, lookups, {}),
        pool(loop, resolver, {}) {
    thread = std::thread([this] {
      net::spawn(
          run(), [](void* self, std::exception_ptr) { static_cast<Impl*>(self)->loop.stop(); }, this);
      loop.run();
    });
  }

  ~Impl() {
    loop.post([this] {
      stopping = true;
      token.cancel();
      if (sleep != nullptr) sleep->wake();
    });
    thread.join();
  }

  net::Task<void> run() {
    while (!stopping) {
      const auto lines = feed.next(log->durable(), kBatch);
      if (!lines) say("audit_export_cannot_read", lines.error().message);
      if (!lines || lines->empty()) {
        co_await pause(kLook);
      } else {
        const std::string body = body_of(*lines, kind);
        co_await deliver(body, lines->size());
      }
    }
    pool.close_idle();
  }

  // Until it has arrived, or was refused for good.
  net::Task<void> deliver(const std::string& body, std::size_t lines) {
    for (milliseconds delay = kFirstDelay; !stopping; delay = std::min(2 * delay, kLongestDelay)) {
      const int status = co_await post(body);
      if (arrived(status, lines)) co_return;
      if (stopping) co_return;
      say("audit_export_failing", status == 0 ? "no answer" : "status " + std::to_string(status));
      co_await pause(delay);
    }
  }

  // 400 and 413 will not change by asking again (OTLP 1.3, "Failures"); the lines stay in the log.
  bool arrived(int status, std::size_t lines) {
    const bool taken = status / 100 == 2, refused = status == 400 || status == 413;
    if (!taken && !refused) return false;
    if (refused)
      telemetry::log(telemetry::Level::error, "audit_export_refused",
                     {{"url", std::string_view(place)},
                      {"status", std::int64_t{status}},
                      {"lines", static_cast<std::int64_t>(lines)}});
    if (taken && !trouble.empty())
      telemetry::log(telemetry::Level::info, "audit_export_back", {{"url", std::string_view(place)}});
    if (taken) trouble.clear();
    if (auto status_of_cursor = feed.done(); !status_of_cursor)
      say("audit_export_cursor", status_of_cursor.error().message);
    return true;
  }

  // 0 = no whole answer came.
  net::Task<int> post(const std::string& body) {
    std::string fields = head;
    http::HeadWriter(fields).own_field("content-length", std::to_string(body.size()));
    fields += "\r\n";
    for (;;) {
      const net::Time deadline = net::Clock::now() + kTimeout;
      auto lease = co_await pool.take(origin, deadline, token);
      if (!lease) co_return 0;
      std::unique_ptr<net::Connection> connection = std::move(lease->connection);
      token.attach(&connection->stream());
      net::Pieces pieces(fields);
      pieces.add(body);
      connection->set_write_timeout(kTimeout);
      co_await connection->send(pieces);  // a failed write is told by the missing answer
      net::ResponseReader reader(*connection);
      const int status = co_await read_answer(reader, deadline);
      const bool stale = status == 0 && lease->reused && !reader.got_any_byte();
      const bool reusable = status != 0 && !stopping && reader.reusable();
      token.attach(nullptr);
      if (reusable) {
        pool.put(origin, std::move(connection));
      } else {
        pool.drop(std::move(connection));
      }
      if (!stale || stopping) co_return status;
    }
  }

  static net::Task<int> read_answer(net::ResponseReader& reader, net::Time deadline) {
    const Status read = co_await reader.read_head(deadline);
    if (!read) co_return 0;
    const int status = reader.head().status;
    std::string answer;
    const Status whole = co_await reader.read_body(answer, kLongestAnswer, deadline);
    co_return whole ? status : 0;
  }

  net::Task<void> pause(milliseconds time) {
    net::Sleep until(loop, net::Clock::now() + time);
    sleep = &until;
    co_await until;
    sleep = nullptr;
  }

  // Once per kind of trouble, not once per try.
  void say(std::string_view event, const std::string& why) {
    if (trouble == why) return;
    trouble = why;
    telemetry::log(telemetry::Level::warn, event,
                   {{"url", std::string_view(place)}, {"reason", std::string_view(trouble)}});
  }

  std::shared_ptr<audit::Log> log;
  audit::Feed feed;
  const Destination::Kind kind;
  const std::string place;
  const net::Origin origin;
  const std::string head;
  net::Loop loop;
  net::LookupThreads lookups;
  net::Resolver resolver;
  net::Pool pool;
  net::CancelToken token;
  net::Sleep* sleep = nullptr;
  bool stopping = false;
  std::string trouble;
  std::thread thread;
};

Shipper::Shipper(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Shipper::~Shipper() = default;

Result<std::unique_ptr<Shipper>> Shipper::start(std::shared_ptr<audit::Log> log, const std::string& state_dir,
                                                const Destination& destination) {
  std::string why;
  const auto url = http::parse_base_url(destination.url, why);
  if (!url) return Error{Code::internal, destination.url + ": " + why};
  auto head = head_of(*url, destination);
  if (!head) return head.error();
  auto feed = audit::Feed::open(state_dir, cursor_path(state_dir, destination),
                                destination.kind == Destination::Kind::witness);
  if (!feed) return feed.error();
  return std::unique_ptr<Shipper>(new Shipper(
      std::make_unique<Impl>(std::move(log), std::move(*feed), destination, *url, std::move(*head))));
}

}  // namespace kt::gateway

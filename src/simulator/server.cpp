// The HTTP side: Beast, one thread a connection. The simulator is a test double, not a place to be fast.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "kt/base/random.hpp"
#include "kt/simulator/simulator.hpp"
#include "simulator/certificate.hpp"
#include "simulator/router.hpp"

namespace kt::simulator {
namespace {

namespace asio = boost::asio;
namespace http1 = boost::beast::http;
using Tcp = asio::ip::tcp;
using Request = http1::request<http1::string_body>;

// Requests of the last minute.
class MinuteWindow {
 public:
  bool admit(std::uint32_t limit) {
    const std::scoped_lock lock(mutex_);
    const auto now = system_clock().steady();
    while (!times_.empty() && now - times_.front() > std::chrono::minutes(1)) times_.erase(times_.begin());
    if (times_.size() >= limit) return false;
    times_.push_back(now);
    return true;
  }

 private:
  std::mutex mutex_;
  std::vector<SteadyTime> times_;
};

// What was asked, for tests: GET /simulator/requests.
class Journal {
 public:
  void note(const Request& request) {
    const std::scoped_lock lock(mutex_);
    ++count_;
    Json headers = Json::array();
    for (const auto& field : request)
      headers.push_back({std::string(field.name_string()), std::string(field.value())});
    last_ = {{"method", std::string(request.method_string())},
             {"target", std::string(request.target())},
             {"headers", headers},
             {"body", request.body()}};
  }
  std::string show() {
    const std::scoped_lock lock(mutex_);
    return Json{{"count", count_}, {"last", last_}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  void clear() {
    const std::scoped_lock lock(mutex_);
    count_ = 0;
    last_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::uint64_t count_ = 0;
  Json last_;
};

void wait(double seconds) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, std::chrono::duration<double>(seconds));
}

// Counts body bytes and applies the cutting faults.
template <class Stream>
class FaultyWriter {
 public:
  FaultyWriter(Stream& stream, Tcp::socket& socket, const Directives& directives)
      : stream_(stream), socket_(socket), directives_(directives) {}

  void head(const std::string& text) { raw(text); }

  // False: a fault ended the connection.
  bool body(std::string_view text) {
    for (const char* fault : {"reset_after", "close_after", "stall_after"}) {
      const auto limit = directives_.number(fault);
      if (!limit || written_ + text.size() <= static_cast<std::size_t>(*limit)) continue;
      raw(std::string(text.substr(
          0, static_cast<std::size_t>(*limit) - std::min(written_, static_cast<std::size_t>(*limit)))));
      end(fault);
      return false;
    }
    written_ += text.size();
    if (directives_.has("split_utf8")) {
      for (const char c : text) raw(std::string(1, c));
    } else {
      raw(std::string(text));
    }
    return true;
  }

  void end(std::string_view fault) {
    boost::system::error_code ignored;
    if (fault == "stall_after") {
      // Until the peer gives up.
      char byte = 0;
      socket_.read_some(asio::buffer(&byte, 1), ignored);
    }
    if (fault == "reset_after") socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  void raw(const std::string& text) { asio::write(stream_, asio::buffer(text)); }
  Stream& stream_;
  Tcp::socket& socket_;
  const Directives& directives_;
  std::size_t written_ = 0;
};

std::string chunk(std::string_view data) {
  char size[24];
  const int n = std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return std::string(size, static_cast<std::size_t>(n)).append(data).append("\r\n");
}

}  // namespace

struct Simulator::Impl {
  explicit Impl(const Options& given)
      : options(given), acceptor(context), tls(asio::ssl::context::tls_server) {}

  void accept_loop() {
    for (;;) {
      boost::system::error_code error;
      Tcp::socket socket(context);
      acceptor.accept(socket, error);
      if (stopping) return;
      if (error) continue;
      socket.set_option(Tcp::no_delay(true), error);
      const std::scoped_lock lock(mutex);
      std::thread([this, moved = std::move(socket)]() mutable { serve(std::move(moved)); }).detach();
      ++threads;
    }
  }

  void serve(Tcp::socket socket) {
    const int fd = socket.native_handle();
    {
      const std::scoped_lock lock(mutex);
      open.insert(fd);
    }
    try {
      if (options.tls) {
        asio::ssl::stream<Tcp::socket&> stream(socket, tls);
        stream.handshake(asio::ssl::stream_base::server);
        session(stream, socket);
      } else {
        session(socket, socket);
      }
    } catch (const std::exception&) {
      // The peer is gone; there is nobody to tell.
    }
    const std::scoped_lock lock(mutex);
    open.erase(fd);
    --threads;
    idle.notify_all();
  }

  template <class Stream>
  void session(Stream& stream, Tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    while (socket.is_open()) {
      http1::request_parser<http1::string_body> parser;
      parser.body_limit(std::uint64_t{256} << 20);
      parser.header_limit(64u << 10);
      boost::system::error_code error;
      http1::read(stream, buffer, parser, error);
      if (error) return;
      const Request request = parser.release();
      if (!handle(stream, socket, request) || !request.keep_alive()) return;
    }
  }

  template <class Stream>
  bool handle(Stream& stream, Tcp::socket& socket, const Request& request) {
    if (request.target() == "/simulator/requests") {
      if (request.method() == http1::verb::delete_) journal.clear();
      Answer page;
      page.body = journal.show();
      return send(stream, socket, page, {});
    }
    journal.note(request);
    const Incoming incoming{std::string(request.method_string()), std::string(request.target()),
                            std::string(request["api-key"]), std::string(request["authorization"]),
                            request.body()};
    Routed routed = route(options, incoming);
    const Directives directives = routed.call ? routed.call->directives : Directives();
    if (routed.call) {
      if (options.rpm > 0 && !window.admit(options.rpm)) {
        routed.call->directives.add("simulate:status=429");
      }
      routed.answer = answer(options, *routed.call);
    }
    if (directives.has("stall_first_byte")) {
      FaultyWriter<Stream>(stream, socket, directives).end("stall_after");
      return false;
    }
    return send(stream, socket, routed.answer, directives);
  }

  std::string head_of(const Answer& answer, bool stream) {
    std::string id;
    {
      const std::scoped_lock lock(mutex);
      id = make_request_id(system_clock().wall(), random);
    }
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Simulated\r\napim-request-id: " + id +
                       "\r\nx-ms-region: " + options.region + "\r\n";
    if (!answer.content_type.empty()) head += "content-type: " + answer.content_type + "\r\n";
    if (answer.status == 200) {
      head += "x-request-id: " + id +
              "\r\nx-ratelimit-limit-requests: 120\r\nx-ratelimit-limit-tokens: "
              "120000\r\nx-ratelimit-remaining-requests: 119\r\nx-ratelimit-remaining-tokens: 119986\r\n"
              "x-ratelimit-reset-requests: 500\r\nx-ratelimit-reset-tokens: 7\r\nazureml-model-session: "
              "simulated\r\nx-ms-rai-invoked: true\r\nx-ms-is-spilled-over: false\r\n";
    }
    for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
    head += stream ? "transfer-encoding: chunked\r\n\r\n"
                   : "content-length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
    return head;
  }

  template <class Stream>
  bool send(Stream& stream, Tcp::socket& socket, const Answer& answer, const Directives& directives) {
    FaultyWriter<Stream> writer(stream, socket, directives);
    if (answer.events.empty()) {
      if (options.ttft_ms > 0 && answer.status == 200) wait(options.ttft_ms / 1000.0);
      writer.head(head_of(answer, false));
      return writer.body(answer.body);
    }
    writer.head(head_of(answer, true));
    for (std::size_t i = 0; i < answer.events.size(); ++i) {
      if (i == answer.delayed_events && options.ttft_ms > 0) wait(options.ttft_ms / 1000.0);
      if (i >= answer.delayed_events && options.tokens_per_second > 0) wait(1 / options.tokens_per_second);
      if (!writer.body(chunk("data: " + answer.events[i] + "\n\n"))) return false;
    }
    return writer.body("0\r\n\r\n");
  }

  const Options options;
  asio::io_context context;
  Tcp::acceptor acceptor;
  asio::ssl::context tls;
  Journal journal;
  MinuteWindow window;
  std::atomic<bool> stopping{false};
  std::thread acceptor_thread;
  std::mutex mutex;
  std::condition_variable idle;
  std::set<int> open;                     // guarded by mutex
  int threads = 0;                        // guarded by mutex
  Random random = Random::from_system();  // guarded by mutex
};

Simulator::Simulator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Simulator>> Simulator::start(const Options& options) {
  auto impl = std::make_unique<Impl>(options);
  const std::size_t colon = options.listen.rfind(':');
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.listen.substr(0, colon), error);
  const int port = colon == std::string::npos ? -1 : std::atoi(options.listen.c_str() + colon + 1);
  if (error || port < 0 || port > 65535)
    return Error{Code::bad_request, "--listen takes an IP address and a port"};
  const Tcp::endpoint endpoint(address, static_cast<unsigned short>(port));
  impl->acceptor.open(endpoint.protocol(), error);
  impl->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  impl->acceptor.bind(endpoint, error);
  if (error == asio::error::address_in_use)
    return Error{Code::internal, "cannot listen on " + options.listen +
                                     ": the address is taken; stop the other process or choose another --listen"};
  if (error) return Error{Code::internal, "cannot listen on " + options.listen + ": " + error.message()};
  impl->acceptor.listen(1024, error);
  if (options.tls) {
    const Certificate certificate = make_certificate();
    impl->tls.use_certificate_chain(asio::buffer(certificate.cert_pem));
    impl->tls.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    if (!options.tls_cert_out.empty()) std::ofstream(options.tls_cert_out) << certificate.cert_pem;
  }
  impl->acceptor_thread = std::thread([raw = impl.get()] { raw->accept_loop(); });
  return std::unique_ptr<Simulator>(new Simulator(std::move(impl)));
}

Simulator::~Simulator() {
  impl_->stopping = true;
  ::shutdown(impl_->acceptor.native_handle(), SHUT_RDWR);
  impl_->acceptor_thread.join();
  std::unique_lock lock(impl_->mutex);
  for (const int fd : impl_->open) ::shutdown(fd, SHUT_RDWR);
  impl_->idle.wait_for(lock, std::chrono::seconds(2), [this] { return impl_->threads == 0; });
}

std::string Simulator::url() const {
  const auto endpoint = impl_->acceptor.local_endpoint();
  return std::string(impl_->options.tls ? "https://" : "http://") + endpoint.address().to_string() + ":" +
         std::to_string(endpoint.port());
}

}  // namespace kt::simulator

// `kt gateway status`: asks a running gateway whether it is ready; the container's health check.
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>

#include "cli/command.hpp"
#include "kt/http/head.hpp"

namespace kt::cli {
namespace {

// The whole answer to GET /readyz; empty when nobody answers in time.
std::string ask(const std::string& host, const std::string& port) {
  using boost::asio::ip::tcp;
  boost::system::error_code error;
  boost::asio::io_context context;
  tcp::resolver resolver(context);
  tcp::socket socket(context);
  boost::asio::connect(socket, resolver.resolve(host, port, error), error);
  if (error) return {};
  const timeval limit{2, 0};
  setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const std::string request = "GET /readyz HTTP/1.1\r\nhost: " + host + "\r\nconnection: close\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request), error);
  std::string answer;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer, 65536), error);
  return answer;
}

int status(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    std::fprintf(stderr, "kt: --address %s: expected HOST:PORT\n", address.c_str());
    return 2;
  }
  const std::string answer = ask(address.substr(0, colon), address.substr(colon + 1));
  http::ResponseHead head;
  const http::HeadResult result = http::parse_response_head(answer, {}, false, head);
  if (result.state != http::HeadState::complete) {
    std::fprintf(stderr, "kt: no gateway answers on %s\n", address.c_str());
    return 1;
  }
  std::fputs(answer.substr(result.consumed).c_str(), stdout);
  return head.status == 200 ? 0 : 1;
}

}  // namespace

void add_gateway_status(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "gateway", "the gateway daemon")
                          .add_subcommand("status", "ask a running gateway whether it is ready");
  auto address = std::make_shared<std::string>("127.0.0.1:41002");
  command->add_option("--address", *address, "HOST:PORT of the gateway")->capture_default_str();
  command->callback([=, &exit_code] { exit_code = status(*address); });
}

}  // namespace kt::cli

// `kt http1-probe`: the gateway's connection code in front of an echo, for conformance tests of the strict
// gate.
#include <cstdio>
#include <string>

#include "cli/command.hpp"
#include "kt/http/error_body.hpp"
#include "kt/net/listener.hpp"
#include "kt/net/session.hpp"

namespace kt::cli {
namespace {

class Echo final : public net::Handler {
 public:
  net::SessionLimits limits() const override { return {}; }
  std::optional<net::Refusal> admit(const http::RequestHead&, net::Downstream&) override {
    return std::nullopt;
  }

  net::Task<void> serve(const http::RequestHead& head, std::string_view body,
                        net::Downstream& down) override {
    const std::string answer = "{\"method\":\"" + std::string(head.method_text) +
                               "\",\"body_bytes\":" + std::to_string(body.size()) + "}";
    co_await down.reply(200, "content-type: application/json\r\n", answer);
  }

  std::string explain(const net::Refusal& refusal, const http::RequestHead*, std::string& fields) override {
    fields += "content-type: application/json\r\n";
    return http::error_body(refusal.error);
  }
};

int probe(const std::string& listen) {
  const auto address = net::parse_listen_address(listen);
  if (!address)
    return std::fprintf(stderr, "kt: --listen %s: %s\n", listen.c_str(), address.error().message.c_str()), 2;
  auto bound = net::bind(*address);
  if (!bound) return std::fprintf(stderr, "kt: %s\n", bound.error().message.c_str()), 1;
  std::printf("http1 probe listening on http://%s\n", bound->address().text().c_str());
  std::fflush(stdout);

  net::Loop loop;
  Echo echo;
  net::SessionSet sessions(loop);
  struct Context {
    net::SessionSet& sessions;
    Echo& echo;
  } context{sessions, echo};
  const net::Listener listener(
      loop, std::move(*bound), nullptr,
      [](void* user, std::unique_ptr<net::Stream> stream) {
        auto& each = *static_cast<Context*>(user);
        each.sessions.add(std::move(stream), each.echo);
      },
      &context);
  loop.run();
  return 0;
}

}  // namespace

void add_http1_probe(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("http1-probe", "echo server behind the gateway's HTTP/1 gate (conformance tests)");
  auto listen = std::make_shared<std::string>("127.0.0.1:0");
  command->add_option("--listen", *listen, "HOST:PORT");
  command->callback([listen, &exit_code] { exit_code = probe(*listen); });
}

}  // namespace kt::cli

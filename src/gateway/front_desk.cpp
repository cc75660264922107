#include "gateway/front_desk.hpp"

#include "gateway/exchange.hpp"
#include "gateway/reply_headers.hpp"
#include "kt/admin/pages.hpp"
#include "kt/gateway/endpoints.hpp"
#include "kt/http/error_body.hpp"

namespace kt::gateway {
namespace {

bool is_json(std::string_view type) {
  constexpr std::string_view kJson = "application/json";
  if (type.size() < kJson.size()) return false;
  for (std::size_t i = 0; i < kJson.size(); ++i) {
    if ((type[i] | 0x20) != kJson[i] && type[i] != kJson[i]) return false;
  }
  const std::string_view rest = type.substr(kJson.size());
  return rest.empty() || rest.front() == ';' || rest.front() == ' ';
}

class FrontDesk final : public net::Handler {
 public:
  explicit FrontDesk(Worker& worker) : worker_(worker) {}

  net::SessionLimits limits() const override { return worker_.snapshot()->session_limits; }

  std::optional<net::Refusal> admit(const http::RequestHead& head, net::Downstream&) override {
    const Match found = match(head.method, head.path);
    if (found.wrong_method)
      return net::Refusal{{Code::method_not_allowed, "this URL does not take this method"},
                          "allow: " + std::string(found.allow) + "\r\n"};
    if (!found.route)
      return net::Refusal{
          {Code::not_found, "unknown URL; see /v1/models, /v1/chat/completions, /v1/embeddings"}};
    if (found.route->kind == Route::Kind::admin) return std::nullopt;
    const routing::Consumers& consumers = worker_.snapshot()->consumers;
    if (consumers.required() && consumers.find(head.fields) == nullptr)
      return net::Refusal{{Code::unauthenticated, "a valid key is needed: Authorization: Bearer KEY, or api-key: KEY"}};
    if (found.route->kind == Route::Kind::llm) return admit_llm(head);
    return std::nullopt;
  }

  net::Task<void> serve(const http::RequestHead& head, std::string_view body,
                        net::Downstream& down) override {
    Match found = match(head.method, head.path);
    if (found.route->kind == Route::Kind::llm) {
      Exchange exchange(worker_, head, body, std::move(*found.route), down);
      co_await serve_exchange(exchange);
      co_return;
    }
    admin::Page page = show(head, *found.route, down);
    if (page.reload) page = co_await reload(std::move(page));
    co_await down.reply(page.status, page.fields, page.body);
  }

  std::string explain(const net::Refusal& refusal, const http::RequestHead* head,
                      std::string& fields) override {
    AccessRecord record(worker_, head != nullptr ? head->path : std::string_view());
    const CodeInfo& code = info(refusal.error.code);
    record.status = code.status;
    record.code = code.name;
    record.verdict = telemetry::VerdictLabel::error;
    fields += refusal.fields;
    fields += "content-type: application/json\r\n";
    own_fields(record, true, fields);
    return http::error_body(refusal.error);
  }

 private:
  static std::optional<net::Refusal> admit_llm(const http::RequestHead& head) {
    const http::Field* type = head.fields.find("content-type");
    if (type == nullptr || !is_json(type->value))
      return net::Refusal{{Code::unsupported_media_type, "send the body as application/json"}};
    const http::Field* coding = head.fields.find("content-encoding");
    if (coding != nullptr && coding->value != "identity")
      return net::Refusal{{Code::unsupported_media_type, "compressed request bodies are not accepted"}};
    return std::nullopt;
  }

  admin::Page show(const http::RequestHead& head, const Route& route, net::Downstream& down) {
    if (route.kind == Route::Kind::models)
      return {200, "content-type: application/json\r\n", worker_.snapshot()->models_body};
    if (route.kind == Route::Kind::model) {
      std::string body = model_body(*worker_.snapshot(), route.name);
      if (!body.empty()) return {200, "content-type: application/json\r\n", std::move(body)};
      const Error error{Code::model_not_found, "the model does not exist here"};
      return {404, "content-type: application/json\r\n", http::error_body(error, {.param = "model"})};
    }
    return admin::show(worker_, head, route.admin, down.peer_is_loopback());
  }

  // Reading and checking files may block: not on this thread.
  net::Task<admin::Page> reload(admin::Page page) {
    struct Answer {
      bool ready = false;
      std::string why;
    };
    const auto answer = std::make_shared<Answer>();
    admin::run_reload(worker_, [answer](std::string why) {
      answer->why = std::move(why);
      answer->ready = true;
    });
    while (!answer->ready) {
      net::Sleep tick(worker_.loop(), net::Clock::now() + std::chrono::milliseconds(10));
      co_await tick;
    }
    page = admin::reload_result(answer->why);
    co_return page;
  }

  Worker& worker_;
};

}  // namespace

std::unique_ptr<net::Handler> make_front_desk(Worker& worker) { return std::make_unique<FrontDesk>(worker); }

}  // namespace kt::gateway

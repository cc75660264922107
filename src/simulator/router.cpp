#include "simulator/router.hpp"

#include <algorithm>

#include "kt/http/url.hpp"

namespace kt::simulator {
namespace {

constexpr std::string_view kDeployments = "/openai/deployments/", kV1 = "/openai/v1/";

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
      return std::string(pair.substr(name.size() + 1));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return {};
}

std::optional<Call::Kind> kind_of(std::string_view tail) {
  if (tail == "chat/completions") return Call::Kind::chat;
  if (tail == "completions") return Call::Kind::completions;
  if (tail == "embeddings") return Call::Kind::embeddings;
  return std::nullopt;
}

Answer resource_not_found() { return error_answer(404, "404", "Resource not found"); }

// Pretty-printed and without a content type, as the service sends it.
Answer deployment_not_found() {
  Answer out;
  out.status = 404;
  out.content_type.clear();
  out.body =
      "{\n  \"error\": {\n    \"type\": \"invalid_request_error\",\n    \"code\": \"DeploymentNotFound\",\n  "
      "  \"message\": \"The API deployment for this resource does not exist. If you created the deployment "
      "within the "
      "last 5 minutes, please wait a moment and try again.\"\n  }\n}";
  return out;
}

std::optional<Answer> refuse_credential(const Options& options, const Incoming& incoming) {
  constexpr std::string_view kBearer = "Bearer ";
  if (incoming.api_key == options.api_key) return std::nullopt;
  if (incoming.authorization.starts_with(kBearer)) {
    const std::string token = incoming.authorization.substr(kBearer.size());
    if ((!options.bearer.empty() && token == options.bearer) ||
        (incoming.target.starts_with(kV1) && token == options.api_key))
      return std::nullopt;
    Answer out;
    out.status = 401;
    out.body = Json{{"message",
                     "Unauthorized. Access token is missing, invalid, audience is incorrect "
                     "(https://cognitiveservices.azure.com), or have expired."},
                    {"statusCode", 401}}
                   .dump();
    return out;
  }
  return error_answer(
      401, "401",
      "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key "
      "for an active subscription and use a correct regional API endpoint for your resource.");
}

Answer models(const Options& options) {
  Json list = Json::array();
  for (const std::string& name : options.deployments)
    list.push_back({{"created_at", 1764000000}, {"id", name}, {"object", "model"}, {"status", "succeeded"}});
  Answer out;
  out.body = Json{{"data", list}, {"object", "list"}}.dump();
  return out;
}

}  // namespace

Routed route(const Options& options, const Incoming& incoming) try {
  if (const auto refused = refuse_credential(options, incoming)) return {std::nullopt, *refused};
  const std::string_view target = incoming.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark),
                         query = mark < target.size() ? target.substr(mark + 1) : std::string_view();
  Call call;
  std::optional<Call::Kind> kind;
  if (path.starts_with(kV1)) {
    call.api_version = "v1";
    if (path.substr(kV1.size()) == "models") return {std::nullopt, models(options)};
    kind = kind_of(path.substr(kV1.size()));
  } else {
    call.api_version = query_value(query, "api-version");
    if (call.api_version.empty()) return {std::nullopt, resource_not_found()};
    if (path == "/openai/models") return {std::nullopt, models(options)};
    if (path.starts_with(kDeployments)) {
      const std::string_view rest = path.substr(kDeployments.size());
      const std::size_t slash = std::min(rest.find('/'), rest.size());
      call.deployment = http::decode_segment(rest.substr(0, slash)).value_or("");
      if (slash < rest.size()) kind = kind_of(rest.substr(slash + 1));
    }
  }
  if (!kind || incoming.method != "POST") return {std::nullopt, resource_not_found()};
  call.kind = *kind;
  call.body = Json::parse(incoming.body, nullptr, false);
  if (!call.body.is_object())
    return {std::nullopt, error_answer(400, "BadRequest", "The request body is not a JSON object.")};
  if (call.api_version == "v1") call.deployment = call.body.value("model", "");
  if (std::find(options.deployments.begin(), options.deployments.end(), call.deployment) ==
      options.deployments.end())
    return {std::nullopt, deployment_not_found()};
  call.directives = Directives::parse(last_words(call.body));
  call.directives.add(options.fault);
  return {std::move(call), {}};
} catch (const Json::type_error&) {
  return {std::nullopt, wrong_type()};
}

}  // namespace kt::simulator

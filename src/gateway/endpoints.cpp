#include "kt/gateway/endpoints.hpp"

#include "kt/http/url.hpp"

namespace kt::gateway {
namespace {

struct Row {
  std::string_view tail;
  llm::Endpoint endpoint;
};

// One row an endpoint; its lane table is in llm/.
constexpr Row kRows[] = {
    {"/chat/completions", llm::Endpoint::chat},
    {"/completions", llm::Endpoint::completions},
    {"/embeddings", llm::Endpoint::embeddings},
};

constexpr std::string_view kAdmin[] = {"/health",  "/healthz",           "/readyz",
                                       "/metrics", "/keeptrusts/config", "/keeptrusts/providers/metrics"};
constexpr std::string_view kReload = "/keeptrusts/config/reload";

std::optional<Route> match_tail(std::string_view tail, Surface surface) {
  for (const Row& row : kRows) {
    if (row.tail == tail) return Route{Route::Kind::llm, row.endpoint, surface, {}, {}};
  }
  return std::nullopt;
}

// "/models" and "/models/{id}".
std::optional<Route> match_models(std::string_view tail, Surface surface) {
  constexpr std::string_view kModels = "/models";
  if (tail == kModels) return Route{Route::Kind::models, llm::Endpoint::models, surface, {}, {}};
  if (!tail.starts_with(kModels) || tail[kModels.size()] != '/') return std::nullopt;
  const auto id = http::decode_segment(tail.substr(kModels.size() + 1));
  if (!id) return std::nullopt;
  return Route{Route::Kind::model, llm::Endpoint::models, surface, *id, {}};
}

std::optional<Route> match_deployment(std::string_view rest) {
  const std::size_t slash = rest.find('/');
  if (slash == rest.npos) return std::nullopt;
  const auto deployment = http::decode_segment(rest.substr(0, slash));
  auto route = match_tail(rest.substr(slash), Surface::azure_dated);
  if (!deployment || !route) return std::nullopt;
  route->name = *deployment;
  return route;
}

std::optional<Route> match_path(std::string_view path) {
  constexpr std::string_view kV1 = "/v1", kAzureV1 = "/openai/v1", kDeployments = "/openai/deployments/";
  for (const std::string_view admin : kAdmin) {
    if (path == admin) return Route{Route::Kind::admin, llm::Endpoint::models, Surface::openai, {}, admin};
  }
  if (path == kReload) return Route{Route::Kind::admin, llm::Endpoint::models, Surface::openai, {}, kReload};
  if (path.starts_with(kDeployments)) return match_deployment(path.substr(kDeployments.size()));
  Surface surface = Surface::openai;
  std::string_view tail = path;
  if (path.starts_with(kAzureV1)) {
    surface = Surface::azure_v1;
    tail.remove_prefix(kAzureV1.size());
  } else if (path == "/openai/models") {
    return Route{Route::Kind::models, llm::Endpoint::models, Surface::azure_dated, {}, {}};
  } else if (path.starts_with(kV1)) {
    tail.remove_prefix(kV1.size());
  }
  if (auto route = match_tail(tail, surface)) return route;
  return match_models(tail, surface);
}

}  // namespace

Match match(http::Method method, std::string_view path) {
  Match result;
  result.route = match_path(path);
  if (!result.route) return result;
  const bool posts = result.route->kind == Route::Kind::llm || result.route->admin == kReload;
  const bool reads = method == http::Method::get || method == http::Method::head;
  if (posts ? method == http::Method::post : reads) return result;
  result.route.reset();
  result.wrong_method = true;
  result.allow = posts ? "POST" : "GET, HEAD";
  return result;
}

}  // namespace kt::gateway

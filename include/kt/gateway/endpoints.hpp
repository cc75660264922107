#pragma once
// The routes. Matched exactly on the raw path: nothing is decoded or normalised, so no odd spelling reaches a
// provider.

#include <optional>
#include <string>
#include <string_view>

#include "kt/http/head.hpp"
#include "kt/llm/endpoint.hpp"

namespace kt::gateway {

// How the client speaks, which decides the shape of streams.
enum class Surface : unsigned char {
  openai,       // /v1/... and the same without /v1
  azure_v1,     // /openai/v1/...
  azure_dated,  // /openai/deployments/{deployment}/...
};

struct Route {
  enum class Kind : unsigned char { llm, models, model, admin } kind = Kind::llm;
  llm::Endpoint endpoint = llm::Endpoint::chat;
  Surface surface = Surface::openai;
  std::string name;        // deployment (azure_dated) or model id (Kind::model), decoded
  std::string_view admin;  // Kind::admin: the path
};

struct Match {
  std::optional<Route> route;
  bool wrong_method = false;  // the path exists for another method; `allow` names it
  std::string_view allow;
};

Match match(http::Method method, std::string_view path);

}  // namespace kt::gateway

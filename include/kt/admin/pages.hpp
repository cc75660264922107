#pragma once
// What the gateway tells about itself: health, metrics, configuration.

#include <functional>
#include <string>
#include <string_view>

#include "kt/gateway/worker.hpp"
#include "kt/http/head.hpp"

namespace kt::admin {

struct Page {
  int status = 200;
  std::string fields, body;
  bool reload = false;  // the caller is to reload and to answer with reload_result()
};

// `path` is one of the admin routes.
Page show(gateway::Worker& worker, const http::RequestHead& head, std::string_view path, bool loopback);

// Reloads on another thread; `done` runs on the worker's loop with an empty text, or with why nothing
// changed.
void run_reload(gateway::Worker& worker, std::function<void(std::string why)> done);
Page reload_result(const std::string& why);

}  // namespace kt::admin

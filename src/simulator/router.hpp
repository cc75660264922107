#pragma once
// From a request to a call, or to the error Azure gives.

#include <optional>
#include <string>
#include <string_view>

#include "simulator/answer.hpp"

namespace kt::simulator {

struct Incoming {
  std::string method, target, api_key, authorization, body;
};

struct Routed {
  std::optional<Call> call;
  Answer answer;  // when there is no call
};

Routed route(const Options& options, const Incoming& incoming);

}  // namespace kt::simulator

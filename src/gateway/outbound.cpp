#include <array>

#include "gateway/exchange.hpp"

namespace kt::gateway {
namespace {

// Something to put into the client's bytes.
struct Insert {
  std::size_t begin = 0, end = 0;
  std::string text;
};

// The model's name as this target wants it.
bool model_insert(const Exchange& exchange, const Target& target, Insert& out) {
  const auto& view = exchange.view;
  if (!target.model_field || (view.model && view.model->of(exchange.body) == *target.model_field)) return false;
  const bool given = view.model_value.has_value();
  out.begin = given ? view.model_value->begin : view.object_end;
  out.end = given ? view.model_value->end : out.begin;
  if (!given) out.text = view.empty_object ? "\"model\":" : ",\"model\":";
  out.text.append("\"").append(*target.model_field).append("\"");
  return true;
}

}  // namespace

bool asks_for_usage(const Exchange& exchange, const Target& target) {
  const auto& view = exchange.view;
  const bool counts = exchange.route.endpoint == llm::Endpoint::chat ||
                      exchange.route.endpoint == llm::Endpoint::completions;
  return view.stream && counts && exchange.route.surface == Surface::openai && target.takes_include_usage &&
         !view.stream_options_given && !view.data_sources;
}

std::string_view outbound_body(const Exchange& exchange, const Target& target, std::string& scratch) {
  std::array<Insert, 2> inserts;
  std::size_t count = 0;
  if (model_insert(exchange, target, inserts[count])) ++count;
  if (asks_for_usage(exchange, target)) {
    const std::size_t end = exchange.view.object_end;
    inserts[count++] = {end, end, ",\"stream_options\":{\"include_usage\":true}"};
  }
  if (count == 0) return exchange.body;
  scratch.clear();
  scratch.reserve(exchange.body.size() + 128);
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    scratch.append(exchange.body.substr(at, inserts[i].begin - at)).append(inserts[i].text);
    at = inserts[i].end;
  }
  scratch.append(exchange.body.substr(at));
  return scratch;
}

}  // namespace kt::gateway

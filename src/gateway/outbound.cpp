#include "gateway/exchange.hpp"

namespace kt::gateway {

std::string_view outbound_body(const Exchange& exchange, const Target& target, std::string& scratch) {
  if (!target.model_field) return exchange.body;
  const auto& model = exchange.view.model;
  if (model && model->of(exchange.body) == *target.model_field) return exchange.body;
  const auto& value = exchange.view.model_value;
  const std::size_t begin = value ? value->begin : exchange.view.object_end;
  const std::size_t end = value ? value->end : begin;
  scratch.clear();
  scratch.reserve(exchange.body.size() + target.model_field->size() + 16);
  scratch.append(exchange.body.substr(0, begin));
  if (!value) scratch.append(exchange.view.empty_object ? "\"model\":" : ",\"model\":");
  scratch.append("\"").append(*target.model_field).append("\"");
  scratch.append(exchange.body.substr(end));
  return scratch;
}

}  // namespace kt::gateway

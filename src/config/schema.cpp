// Draft-07 JSON Schema from the table of fields.
#include <algorithm>

#include "config/check.hpp"

namespace kt::config {
namespace {

Json schema_of(const ObjectSpec& spec);

Json plain(const FieldSpec& field, Type type) {
  switch (type) {
    case Type::string: {
      Json out{{"type", "string"}};
      if (!field.values.empty()) {
        out["enum"] = field.values;
        for (const std::string_view value : field.values) {
          std::string hyphens(value);
          std::replace(hyphens.begin(), hyphens.end(), '_', '-');
          if (hyphens != value) out["enum"].push_back(hyphens);
        }
        if (field.fallback == "\"\"") out["enum"].push_back("");
      }
      return out;
    }
    case Type::boolean:
      return {{"type", "boolean"}};
    case Type::integer:
    case Type::number: {
      Json out{{"type", type == Type::integer ? "integer" : "number"}};
      if (field.min != std::numeric_limits<double>::lowest()) out["minimum"] = field.min;
      if (field.max != std::numeric_limits<double>::max()) out["maximum"] = field.max;
      return out;
    }
    case Type::object:
      return schema_of(*field.object);
    default:
      return Json::object();
  }
}

Json secret_ref(bool consumer) {
  Json names = Json::object();
  for (const char* name : {"env", "file", consumer ? "sha256" : "store"}) names[name] = {{"type", "string"}};
  return {{"type", "object"},
          {"properties", names},
          {"additionalProperties", false},
          {"minProperties", 1},
          {"maxProperties", 1}};
}

Json schema_of(const FieldSpec& field) {
  Json out;
  switch (field.type) {
    case Type::list:
      out = {{"type", "array"}, {"items", plain(field, field.item)}};
      break;
    case Type::map:
      out = {{"type", "object"}, {"additionalProperties", plain(field, field.item)}};
      break;
    case Type::secret_ref:
      out = secret_ref(field.name == "key_ref");
      break;
    case Type::azure_auth:
      out = {{"type", Json::array({"string", "object"})}};
      break;
    case Type::any:
      out = Json::object();
      break;
    default:
      out = plain(field, field.type);
  }
  out["description"] = field.doc;
  if (!field.fallback.empty()) out["default"] = Json::parse(field.fallback);
  return out;
}

Json schema_of(const ObjectSpec& spec) {
  Json properties = Json::object(), required = Json::array();
  for (const FieldSpec& field : spec.fields) {
    properties[std::string(field.name)] = schema_of(field);
    if (field.required) required.push_back(field.name);
  }
  Json out{{"type", "object"},
           {"description", spec.doc},
           {"properties", properties},
           {"additionalProperties", false}};
  if (!required.empty()) out["required"] = required;
  return out;
}

Json policy_schema() {
  Json properties = Json::object();
  for (const PolicySpec& spec : policy_specs()) {
    Json block = schema_of(*spec.fields);
    block["type"] = Json::array({"object", "null"});
    properties[std::string(spec.kind)] = block;
  }
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

}  // namespace

std::string json_schema() {
  Json out{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "policy-config.yaml"}};
  out.update(schema_of(root_spec()));
  out["properties"]["policy"] = policy_schema();
  out["properties"]["policies"]["properties"]["policy"] = policy_schema();
  return out.dump(2) + "\n";
}

}  // namespace kt::config

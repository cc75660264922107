#pragma once
// The table of fields: one description for the loader, the JSON Schema and the reference page.

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "kt/base/nearest.hpp"

namespace kt::config {

enum class Type { string, boolean, integer, number, object, list, map, secret_ref, azure_auth, any };

struct ObjectSpec;

struct FieldSpec {
  std::string_view name;
  Type type = Type::string;
  std::string_view doc;
  std::string_view fallback = {};  // JSON; empty = no default
  bool required = false;
  std::vector<std::string_view> values =
      {};  // of strings; a hyphen spelling of an underscore value is the same
  double min = std::numeric_limits<double>::lowest(), max = std::numeric_limits<double>::max();
  const ObjectSpec* object = nullptr;  // object; items of a list; values of a map
  Type item = Type::string;            // items of a list, values of a map
  bool secret = false;                 // never interpolated, never shown
};

struct ObjectSpec {
  std::string_view name, doc;
  std::vector<FieldSpec> fields;
  [[nodiscard]] const FieldSpec* find(std::string_view field) const;
};

// The whole file.
const ObjectSpec& root_spec();

// One policy kind's block. `built`: this version enforces it.
struct PolicySpec {
  std::string_view kind;
  const ObjectSpec* fields;
  bool built;
};
const std::vector<PolicySpec>& policy_specs();
const PolicySpec* find_policy(std::string_view kind);

// Kinds that other documentation names and this version does not have.
const std::vector<std::string_view>& foreign_policies();

}  // namespace kt::config

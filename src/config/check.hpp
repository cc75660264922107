#pragma once
// A tree against the table: types, ranges, names. What comes out is a JSON value with the defaults filled in.

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "config/spec.hpp"
#include "config/yaml_tree.hpp"

namespace kt::config {

using Json = nlohmann::ordered_json;

struct Checker {
  std::vector<Diagnostic>& diagnostics;
  const Environment& environment;
  std::map<std::string, Position> positions;  // path -> where it stands

  void error(std::string code, const std::string& path, Position position, std::string message,
             std::string suggestion = {});
  void warning(std::string code, const std::string& path, Position position, std::string message,
               std::string suggestion = {});

  // `unknown_code`: E103, or E002 inside a policy block.
  Json object(const Node& node, const ObjectSpec& spec, const std::string& path,
              const char* unknown_code = "E103");
  Json value(const Node& node, const FieldSpec& spec, const std::string& path);

 private:
  Json scalar(const Node& node, const FieldSpec& spec, const std::string& path, Type type);
  Json number(const Node& node, const FieldSpec& spec, const std::string& path, bool whole);
  Json text(const Node& node, const FieldSpec& spec, const std::string& path);
  Json list(const Node& node, const FieldSpec& spec, const std::string& path);
  Json map(const Node& node, const FieldSpec& spec, const std::string& path);
  Json secret(const Node& node, const std::string& path, bool consumer);
  Json auth(const Node& node, const std::string& path);
  Json any(const Node& node, const std::string& path);
  std::string interpolate(const std::string& text, const std::string& path, Position position);
  void wrong_type(const Node& node, const std::string& path, std::string_view wanted);
};

// A key as it may be shown: a name, or "a key" when it could be a secret in the wrong place.
std::string shown_key(std::string_view key);

}  // namespace kt::config

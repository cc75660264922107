#pragma once
// YAML as plain maps, lists and scalars with positions. Everything of YAML that surprises people is refused
// here: duplicate keys, anchors, aliases, tags, merge keys, further documents, tabs, control bytes.

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kt/config/load.hpp"

namespace kt::config {

struct Node {
  enum class Kind { null, scalar, list, map } kind = Kind::null;
  std::string text;         // scalar
  bool quoted = false;      // scalar: quoted or block style, so it is a string whatever it says
  std::vector<Node> items;  // list
  std::vector<std::pair<std::string, Node>> members;  // map, in order
  std::vector<Position> key_positions;                // map, one per member
  Position position;

  [[nodiscard]] const Node* find(std::string_view key) const;
};

// Adds diagnostics; the result is null-kind when there is any error of syntax.
Node parse_yaml(const std::string& text, std::uint32_t file, std::vector<Diagnostic>& diagnostics);

// Maps merge deeply, everything else is replaced.
void merge(Node& base, Node&& over);

}  // namespace kt::config

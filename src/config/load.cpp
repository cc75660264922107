#include "kt/config/load.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "config/bind.hpp"
#include "kt/base/crypto.hpp"

namespace kt::config {
namespace {

// `policy` may stand below `policies`; it means the same as at the top.
void lift_policy(Node& root, Checker& checker) {
  for (auto& [name, node] : root.members) {
    if (name != "policies" || node.kind != Node::Kind::map) continue;
    for (std::size_t i = 0; i < node.members.size(); ++i) {
      if (node.members[i].first != "policy") continue;
      if (root.find("policy") != nullptr) {
        checker.error("E102", "policies.policy", node.key_positions[i],
                      "'policy' stands here and at the top level", "keep one of them");
        return;
      }
      auto lifted = std::move(node.members[i]);
      const Position position = node.key_positions[i];
      node.members.erase(node.members.begin() + static_cast<std::ptrdiff_t>(i));
      node.key_positions.erase(node.key_positions.begin() + static_cast<std::ptrdiff_t>(i));
      root.members.push_back(std::move(lifted));
      root.key_positions.push_back(position);
      return;
    }
  }
}

void unknown_kind(Checker& checker, const std::string& path, Position position, const std::string& kind) {
  const auto& foreign = foreign_policies();
  std::vector<std::string_view> known;
  for (const PolicySpec& spec : policy_specs()) known.push_back(spec.kind);
  if (std::find(foreign.begin(), foreign.end(), kind) != foreign.end()) {
    checker.error(
        "E001", path, position,
        "policy kind " + shown_key(kind) + " is documented elsewhere, not available in this version",
        "remove it from the chain");
    return;
  }
  const auto near = nearest(kind, known);
  checker.error("E001", path, position, "unknown policy kind " + shown_key(kind),
                near.empty() ? "" : "did you mean '" + std::string(near) + "'?");
}

// Replaces the generic map of blocks by blocks checked against their kind, and adds the default block of a
// kind that has none.
void check_policies(const Node& root, Json& json, Checker& checker) {
  Json blocks = Json::object();
  if (const Node* policy = root.find("policy"); policy != nullptr && policy->kind == Node::Kind::map) {
    for (std::size_t i = 0; i < policy->members.size(); ++i) {
      const auto& [kind, node] = policy->members[i];
      const PolicySpec* spec = find_policy(kind);
      if (spec == nullptr) {
        unknown_kind(checker, "policy", policy->key_positions[i], kind);
        continue;
      }
      blocks[kind] = checker.object(node, *spec->fields, "policy." + kind, "E002");
      checker.positions["policy." + kind] = policy->key_positions[i];
      if (blocks[kind].contains("max_age") && blocks[kind]["max_age"] != 0)
        checker.warning("W203", "policy." + kind + ".max_age",
                        checker.positions["policy." + kind + ".max_age"],
                        "max_age has no effect without an age source");
      if (blocks[kind].contains("detection") && blocks[kind]["detection"].contains("embedding_threshold")) {
        checker.warning("W203", "policy." + kind + ".detection.embedding_threshold",
                        checker.positions["policy." + kind + ".detection.embedding_threshold"],
                        "embedding_threshold has no effect without an embedding model");
      }
    }
  }
  const Json chain = json.value("policies", Json::object()).value("chain", Json::array());
  if (chain.empty())
    checker.warning("W204", "policies.chain", checker.positions["policies"],
                    "the chain is empty: nothing is enforced");
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!chain[i].is_string()) continue;
    const std::string kind = chain[i].get<std::string>(), path = "policies.chain[" + std::to_string(i) + "]";
    const Position position = checker.positions[path];
    const PolicySpec* spec = find_policy(kind);
    if (spec == nullptr) {
      unknown_kind(checker, path, position, kind);
      continue;
    }
    if (std::find(seen.begin(), seen.end(), kind) != seen.end())
      checker.error("E107", path, position, "'" + kind + "' stands twice in the chain", "keep one");
    seen.push_back(kind);
    if (!blocks.contains(kind)) {
      checker.warning("E003", path, position, "'" + kind + "' has no block below policy",
                      "its defaults are used");
      Node none;
      none.position = position;
      blocks[kind] = checker.object(none, *spec->fields, "policy." + kind, "E002");
    }
    if (!spec->built)
      checker.warning("W210", path, position,
                      "POLICY NOT ENFORCED: '" + kind + "' is not built in this version",
                      "do not rely on it");
  }
  json["policy"] = std::move(blocks);
}

bool has_error(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& each) { return each.severity == Diagnostic::Severity::error; });
}

std::optional<std::string> read_file(const std::string& path) {
  if (path == "-")
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text;
  std::array<char, 16384> piece;
  while (file.read(piece.data(), piece.size()) || file.gcount() > 0)
    text.append(piece.data(), static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return std::nullopt;
  return text;
}

}  // namespace

std::string Diagnostic::text() const {
  std::string out = file;
  if (position.line > 0) out += ":" + std::to_string(position.line) + ":" + std::to_string(position.column);
  out += severity == Severity::error ? ": error " : ": warning ";
  out += code + ": " + message;
  if (!suggestion.empty()) out += "; " + suggestion;
  return out;
}

Loaded load(const std::vector<Source>& sources, const Environment& environment) {
  Loaded loaded;
  Node root;
  std::string all;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    loaded.files.push_back(sources[i].name);
    all += sources[i].text;
    Node layer = parse_yaml(sources[i].text, static_cast<std::uint32_t>(i), loaded.diagnostics);
    if (i == 0) {
      root = std::move(layer);
    } else {
      merge(root, std::move(layer));
    }
  }
  if (!has_error(loaded.diagnostics)) {
    Checker checker{loaded.diagnostics, environment, {}};
    if (root.position.line == 0) root.position = {0, 1, 1};
    lift_policy(root, checker);
    Json json = checker.object(root, root_spec(), "");
    check_policies(root, json, checker);
    cross_check(json, checker);
    cross_check_routing(json, checker);
    if (!has_error(loaded.diagnostics)) {
      loaded.config = bind_config(json, checker);
      loaded.config->sha256 = hex(sha256(all));
      for (const Diagnostic& each : loaded.diagnostics) {
        if (each.code == "W210" || each.code == "W211") loaded.config->not_in_effect.push_back(each.message);
      }
    }
  }
  for (Diagnostic& each : loaded.diagnostics)
    each.file = each.position.file < loaded.files.size() ? loaded.files[each.position.file] : "";
  std::stable_sort(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.position.file, a.position.line, a.position.column) <
                            std::tie(b.position.file, b.position.line, b.position.column);
                   });
  return loaded;
}

Loaded load_files(const std::vector<std::string>& paths) {
  std::vector<Source> sources;
  Loaded failed;
  for (const std::string& path : paths) {
    failed.files.push_back(path);
    if (auto text = read_file(path)) {
      sources.push_back({path, std::move(*text)});
    } else {
      Diagnostic diagnostic;
      diagnostic.code = "E100";
      diagnostic.file = path;
      diagnostic.message = "the file cannot be read";
      diagnostic.suggestion = "check the path and its permissions";
      failed.diagnostics.push_back(std::move(diagnostic));
    }
  }
  if (!failed.diagnostics.empty()) return failed;
  return load(sources, [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  });
}

}  // namespace kt::config

#include "config/check.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace kt::config {
namespace {

const ObjectSpec kSecretRef{"secret_key_ref",
                            "",
                            {{"env", Type::string, ""},
                             {"file", Type::string, ""},
                             {"store", Type::string, ""},
                             {"sha256", Type::string, ""}}};
const ObjectSpec kAzureAuth{
    "azure_auth",
    "",
    {{.name = "type",
      .type = Type::string,
      .doc = "",
      .required = true,
      .values = {"managed_identity", "workload_identity", "client_secret", "client_certificate"}},
     {"client_id", Type::string, "", "\"\""},
     {"tenant_id", Type::string, "", "\"\""},
     {"secret_ref", Type::secret_ref, ""},
     {"scope", Type::string, "", "\"\""},
     {"authority_host", Type::string, "", "\"\""}}};

std::string join(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : path + "." + std::string(name);
}

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::scalar:
      return "a plain value";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return "";
}

bool is_yes_no(std::string_view text) {
  static constexpr std::string_view kWords[] = {"yes", "no", "on",   "off",   "y",    "n",    "Yes",
                                                "No",  "On", "Off",  "YES",   "NO",   "ON",   "OFF",
                                                "Y",   "N",  "True", "False", "TRUE", "FALSE"};
  return std::find(std::begin(kWords), std::end(kWords), text) != std::end(kWords);
}

bool looks_numeric(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') ||
           std::string_view("+-._eExXoObBaAcCdDfF:").find(c) != std::string_view::npos;
  }) && std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string canonical(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::string join_names(const std::vector<std::string_view>& names) {
  std::string out;
  for (const auto name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

}  // namespace

std::string shown_key(std::string_view key) {
  const bool name = !key.empty() && key.size() <= 40 && std::all_of(key.begin(), key.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  });
  const bool long_run =
      key.size() > 24 && std::any_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!name || long_run || key.starts_with("sk-") || key.starts_with("eyJ")) return "a key that is not shown";
  return "'" + std::string(key) + "'";
}

void Checker::error(std::string code, const std::string& path, Position position, std::string message,
                    std::string suggestion) {
  diagnostics.push_back({Diagnostic::Severity::error,
                         std::move(code),
                         path,
                         std::move(message),
                         std::move(suggestion),
                         {},
                         position});
}

void Checker::warning(std::string code, const std::string& path, Position position, std::string message,
                      std::string suggestion) {
  diagnostics.push_back({Diagnostic::Severity::warning,
                         std::move(code),
                         path,
                         std::move(message),
                         std::move(suggestion),
                         {},
                         position});
}

void Checker::wrong_type(const Node& node, const std::string& path, std::string_view wanted) {
  error("E104", path, node.position,
        "expected " + std::string(wanted) + ", found " + std::string(kind_name(node.kind)));
}

Json Checker::object(const Node& node, const ObjectSpec& spec, const std::string& path,
                     const char* unknown_code) {
  Json out = Json::object();
  positions[path] = node.position;
  if (node.kind != Node::Kind::map && node.kind != Node::Kind::null) {
    wrong_type(node, path, "a map");
    return out;
  }
  std::vector<std::string_view> names;
  for (const FieldSpec& field : spec.fields) names.push_back(field.name);
  for (std::size_t i = 0; i < node.members.size(); ++i) {
    const auto& [name, child] = node.members[i];
    if (spec.find(name) != nullptr) continue;
    const auto near = nearest(name, names);
    error(unknown_code, join(path, shown_key(name) == "'" + name + "'" ? std::string_view(name) : "?"),
          node.key_positions[i], "unknown key " + shown_key(name) + " in " + std::string(spec.name),
          near.empty() ? "known here: " + join_names(names) : "did you mean '" + std::string(near) + "'?");
  }
  for (const FieldSpec& field : spec.fields) {
    const Node* child = node.find(field.name);
    const std::string below = join(path, field.name);
    if (child == nullptr || child->kind == Node::Kind::null) {
      if (field.required) {
        error("E105", below, child != nullptr ? child->position : node.position,
              "'" + std::string(field.name) + "' is missing in " + std::string(spec.name));
      } else if (!field.fallback.empty()) {
        out[std::string(field.name)] = Json::parse(field.fallback);
      }
      continue;
    }
    positions[below] = child->position;
    out[std::string(field.name)] = value(*child, field, below);
  }
  return out;
}

Json Checker::value(const Node& node, const FieldSpec& spec, const std::string& path) {
  switch (spec.type) {
    case Type::object:
      return object(node, *spec.object, path);
    case Type::list:
      return list(node, spec, path);
    case Type::map:
      return map(node, spec, path);
    case Type::secret_ref:
      return secret(node, path, spec.name == "key_ref");
    case Type::azure_auth:
      return auth(node, path);
    case Type::any:
      return any(node, path);
    default:
      return scalar(node, spec, path, spec.type);
  }
}

Json Checker::scalar(const Node& node, const FieldSpec& spec, const std::string& path, Type type) {
  if (node.kind != Node::Kind::scalar) {
    wrong_type(node, path,
               type == Type::string    ? "text"
               : type == Type::boolean ? "true or false"
                                       : "a number");
    return nullptr;
  }
  if (type == Type::string) return text(node, spec, path);
  if (type == Type::boolean) {
    if (!node.quoted && (node.text == "true" || node.text == "false")) return node.text == "true";
    error("E104", path, node.position, "expected true or false",
          is_yes_no(node.text)
              ? "write true or false; yes, no, on and off mean different things to different readers"
              : "");
    return nullptr;
  }
  return number(node, spec, path, type == Type::integer);
}

Json Checker::number(const Node& node, const FieldSpec& spec, const std::string& path, bool whole) {
  const std::string& digits = node.text;
  const char* first = digits.data();
  const char* last = first + digits.size();
  double value = 0;
  const auto parsed = std::from_chars(first, last, value);
  const bool octal = digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
  if (node.quoted || parsed.ec != std::errc{} || parsed.ptr != last || octal || !std::isfinite(value)) {
    const char* advice = octal ? "write it without the leading zero; YAML readers differ on octal numbers"
                         : node.quoted ? "remove the quotes"
                                       : "";
    error("E104", path, node.position, whole ? "expected a whole number" : "expected a number", advice);
    return nullptr;
  }
  if (whole && (value != std::floor(value) || digits.find_first_of(".eE") != std::string::npos)) {
    error("E104", path, node.position, "expected a whole number");
    return nullptr;
  }
  if (value < spec.min || value > spec.max) {
    error("E106", path, node.position, "the number is out of range",
          "from " + Json(spec.min).dump() + " to " + Json(spec.max).dump());
    return nullptr;
  }
  if (whole) return static_cast<std::int64_t>(value);
  return value;
}

Json Checker::text(const Node& node, const FieldSpec& spec, const std::string& path) {
  const bool trap = !node.quoted && (is_yes_no(node.text) || node.text == "true" || node.text == "false");
  if (trap) {
    error("E104", path, node.position, "expected text, found what other YAML readers take for true or false",
          "put it in quotes");
    return nullptr;
  }
  const bool number_like =
      !node.quoted && looks_numeric(node.text) && node.text.find_first_of(".-:") == std::string::npos;
  if (number_like && spec.values.empty() && !spec.secret && spec.name != "name") {
    error("E104", path, node.position, "expected text, found a number", "put it in quotes");
    return nullptr;
  }
  const std::string content = spec.secret ? node.text : interpolate(node.text, path, node.position);
  if (std::any_of(content.begin(), content.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
      })) {
    error("E106", path, node.position, "a control character in the text");
    return nullptr;
  }
  if (spec.values.empty()) return content;
  const std::string name = canonical(content);
  for (const std::string_view each : spec.values) {
    if (content == each || name == canonical(std::string(each))) return std::string(each);
  }
  const auto near = nearest(content, spec.values);
  error("E106", path, node.position, "not one of the values this field takes",
        near.empty() ? "one of: " + join_names(spec.values) : "did you mean '" + std::string(near) + "'?");
  return nullptr;
}

Json Checker::list(const Node& node, const FieldSpec& spec, const std::string& path) {
  Json out = Json::array();
  if (node.kind != Node::Kind::list) {
    wrong_type(node, path, "a list");
    return out;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string below = path + "[" + std::to_string(i) + "]";
    positions[below] = node.items[i].position;
    if (spec.item == Type::object) {
      out.push_back(object(node.items[i], *spec.object, below));
    } else {
      out.push_back(scalar(node.items[i], spec, below, spec.item));
    }
  }
  return out;
}

Json Checker::map(const Node& node, const FieldSpec& spec, const std::string& path) {
  Json out = Json::object();
  if (node.kind != Node::Kind::map) {
    wrong_type(node, path, "a map");
    return out;
  }
  for (const auto& [name, child] : node.members) {
    const std::string below = join(path, name);
    positions[below] = child.position;
    out[name] = spec.item == Type::any ? any(child, below) : scalar(child, spec, below, spec.item);
  }
  return out;
}

Json Checker::secret(const Node& node, const std::string& path, bool consumer) {
  if (node.kind != Node::Kind::map) {
    error("E104", path, node.position, "a secret is named, not written here",
          "use env: NAME or file: PATH below this key");
    return Json::object();
  }
  Json out = object(node, kSecretRef, path);
  if (out.size() != 1 || (out.contains("sha256") && !consumer))
    error("E106", path, node.position, "name exactly one place for the secret",
          consumer ? "env, file or sha256" : "env, file or store");
  return out;
}

Json Checker::auth(const Node& node, const std::string& path) {
  if (node.kind == Node::Kind::scalar) {
    const FieldSpec& type = kAzureAuth.fields[0];
    return Json{{"type", text(node, type, path)}};
  }
  return object(node, kAzureAuth, path);
}

Json Checker::any(const Node& node, const std::string& path) {
  switch (node.kind) {
    case Node::Kind::null:
      return nullptr;
    case Node::Kind::scalar: {
      if (!node.quoted && (node.text == "true" || node.text == "false")) return node.text == "true";
      double value = 0;
      const auto parsed = std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
      if (!node.quoted && parsed.ec == std::errc{} && parsed.ptr == node.text.data() + node.text.size())
        return value;
      return node.text;
    }
    case Node::Kind::list: {
      Json out = Json::array();
      for (const Node& item : node.items) out.push_back(any(item, path));
      return out;
    }
    case Node::Kind::map: {
      Json out = Json::object();
      for (const auto& [name, child] : node.members) out[name] = any(child, path);
      return out;
    }
  }
  return nullptr;
}

// ${VAR} and ${VAR:-default}; $$ is a dollar sign. Applied to the parsed value, so a variable cannot change
// the structure.
std::string Checker::interpolate(const std::string& raw, const std::string& path, Position position) {
  std::string out;
  for (std::size_t i = 0; i < raw.size();) {
    if (raw.compare(i, 2, "$$") == 0) {
      out += '$';
      i += 2;
      continue;
    }
    if (raw.compare(i, 2, "${") != 0) {
      out += raw[i++];
      continue;
    }
    const std::size_t close = raw.find('}', i);
    if (close == std::string::npos) {
      error("E110", path, position, "an unfinished ${...}", "close it with }, or write $$ for a dollar sign");
      return out;
    }
    const std::string inside = raw.substr(i + 2, close - i - 2);
    const std::size_t mark = inside.find(":-");
    const std::string name = inside.substr(0, mark);
    const auto found = environment(name);
    if (found) {
      out += *found;
    } else if (mark != std::string::npos) {
      out += inside.substr(mark + 2);
    } else {
      error("E110", path, position, "environment variable " + shown_key(name) + " is not set",
            "set it, or write ${NAME:-default}");
    }
    i = close + 1;
  }
  return out;
}

}  // namespace kt::config

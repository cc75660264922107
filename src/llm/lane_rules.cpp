#include "llm/lane_rules.hpp"

#include <algorithm>
#include <array>

#include "kt/json/scan.hpp"

namespace kt::llm {
namespace {

constexpr std::size_t kLongestIdentifier = 64;

bool is_identifier_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == ':' || c == '-';
}

bool is_base64_byte(char c) {
  return is_identifier_byte(c) || c == '+' || c == '/' || c == '=' || c == '\\';
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 19> kMachine{
    "role",        "type",      "id",     "object",  "tool_call_id", "call_id",
    "item_id",     "file_id",   "format", "detail",  "response_id",  "previous_response_id",
    "status",      "model",     "voice",  "phase",   "encoding_format", "service_tier",
    "system_fingerprint"};

// The front and the back decide: a provider refuses what is broken in the middle.
bool looks_like_base64(std::string_view value) {
  constexpr std::size_t kProbe = 256;
  const auto front = value.substr(0, kProbe);
  const auto back = value.size() > kProbe ? value.substr(value.size() - kProbe) : front;
  return value.size() >= 16 && std::all_of(front.begin(), front.end(), is_base64_byte) &&
         std::all_of(back.begin(), back.end(), is_base64_byte);
}

bool contains_any_case(std::string_view text, std::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                     [](char a, char b) { return a == b || (a | 0x20) == b; }) != text.end();
}

// data:TYPE;base64,BYTES where TYPE is none of text.
bool is_media_url(std::string_view value) {
  const std::size_t comma = value.find(',');
  if (!value.starts_with("data:") || comma == value.npos) return false;
  const std::string_view type = value.substr(5, comma - 5);
  for (const std::string_view text : {"text", "json", "xml", "yaml", "script"}) {
    if (contains_any_case(type, text)) return false;
  }
  return !type.starts_with(";") && type.ends_with(";base64") && looks_like_base64(value.substr(comma + 1));
}

}  // namespace

bool is_identifier(std::string_view value) {
  return value.size() <= kLongestIdentifier && (value.empty() || value.front() > '9') &&
         std::all_of(value.begin(), value.end(), is_identifier_byte);
}

bool is_machine_member(std::string_view name) { return is_one_of(name, kMachine); }

bool is_media(std::string_view name, std::string_view parent, std::string_view value) {
  if (name == "url" || name == "image_url" || name == "file_data")
    return is_media_url(value) || (name == "file_data" && looks_like_base64(value));
  if (name == "data") return (parent == "input_audio" || parent == "audio") && looks_like_base64(value);
  return (name == "b64_json" || name == "embedding") && looks_like_base64(value);
}

std::string_view plain_name(std::string_view name, bool escaped, std::list<std::string>& names) {
  return escaped ? std::string_view(names.emplace_back(json::unescape(name))) : name;
}

TopRule rule_of(std::string_view member) {
  struct Row {
    std::string_view member;
    TopRule rule;
  };
  static constexpr Row kRows[] = {
      {"messages", {Role::user, true}},
      {"input", {Role::user, true}},
      {"instructions", {Role::system}},
      {"data_sources", {Role::system}},
      {"dataSources", {Role::system}},
      {"tools", {Role::definition}},
      {"functions", {Role::definition}},
      {"tool_choice", {Role::definition}},
      {"function_call", {Role::definition}},
      {"response_format", {Role::definition}},
      {"text", {Role::definition}},
      {"documents", {Role::document}},
      {"model", {Role::user, false, true}},
  };
  for (const Row& row : kRows) {
    if (row.member == member) return row.rule;
  }
  return {};
}

Role role_named(std::string_view role) {
  if (role == "system" || role == "developer") return Role::system;
  if (role == "assistant") return Role::assistant;
  if (role == "tool" || role == "function") return Role::tool;
  return Role::user;
}

bool role_of_item_type(std::string_view type, Role& role) {
  if (type.ends_with("_output")) {
    role = Role::tool;
  } else if (type.ends_with("_call") || type == "reasoning") {
    role = Role::assistant;
  } else {
    return false;
  }
  return true;
}

}  // namespace kt::llm

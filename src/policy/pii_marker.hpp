#pragma once
// What stands in the place of a value: `redaction` of the configuration.

#include <map>
#include <string>
#include <string_view>

namespace kt::policy {

enum class MarkerFormat : unsigned char { label, asterisks, partial };

struct MarkerStyle {
  MarkerFormat format = MarkerFormat::label;
  bool preserve_length = false;               // as many characters as the value
  std::map<std::string, std::string> custom;  // by type; goes before the format
};

// Appends the marker of a value of `type`.
void write_marker(const MarkerStyle& style, std::string_view type, std::string_view value, std::string& out);

}  // namespace kt::policy

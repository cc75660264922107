#pragma once
// Reads and checks policy-config.yaml. All problems are reported at once; a Config exists only when there is
// no error.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kt/config/config.hpp"

namespace kt::config {

struct Diagnostic {
  enum class Severity { warning, error } severity = Severity::error;
  std::string code;        // E001 ...; the table is in docs/configuration.md
  std::string path;        // providers.targets[0].base_url
  std::string message;     // what is wrong; never a secret's value
  std::string suggestion;  // what to do, or the nearest name; may be empty
  std::string file;
  Position position;

  // file:line:column: error E002: message; suggestion
  [[nodiscard]] std::string text() const;
};

struct Source {
  std::string name;  // as shown in diagnostics
  std::string text;
};

// Looks a variable of ${VAR} up. Never used for secrets' values.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

struct Loaded {
  std::optional<Config> config;  // set when no diagnostic is an error
  std::vector<Diagnostic> diagnostics;
  std::vector<std::string> files;
};

// Later sources win: maps merge deeply, lists replace. Pure: reads no file and no clock. Never throws.
Loaded load(const std::vector<Source>& sources, const Environment& environment);

// Reads the files and the process environment, then load(). A file that cannot be read is error E100.
Loaded load_files(const std::vector<std::string>& paths);

// Draft-07 JSON Schema and the reference page, from the same table of fields.
std::string json_schema();
std::string reference_markdown();

}  // namespace kt::config

#pragma once
// The operator's log on standard error: one line an event, JSON or pretty. Thread-safe. Values come from the
// configuration and from our own texts; never prompt text, never a secret.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace kt::telemetry {

enum class Level : unsigned char { debug, info, warn, error, off };
enum class Format : unsigned char { json, pretty };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double> value;
};

// Once, before the first thread starts.
void configure_log(Level level, Format format);
bool log_enabled(Level level);

void log(Level level, std::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace kt::telemetry

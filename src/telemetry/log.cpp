#include "kt/telemetry/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "kt/base/clock.hpp"

namespace kt::telemetry {
namespace {

Level threshold = Level::info;
Format format = Format::json;

constexpr std::string_view kNames[] = {"debug", "info", "warn", "error"};
constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn, spdlog::level::err};

spdlog::logger& sink() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("kt", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::debug);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

nlohmann::ordered_json value_of(const LogField& field) {
  return std::visit([](const auto& value) { return nlohmann::ordered_json(value); }, field.value);
}

std::string dump(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string render_json(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  nlohmann::ordered_json line{
      {"ts", rfc3339(system_clock().wall())}, {"level", kNames[static_cast<int>(level)]}, {"event", event}};
  for (const LogField& field : fields) line[std::string(field.name)] = value_of(field);
  return dump(line);
}

std::string render_pretty(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line = rfc3339(system_clock().wall()).substr(11, 12) + " ";
  line.append(kNames[static_cast<int>(level)])
      .append(6 - kNames[static_cast<int>(level)].size(), ' ')
      .append(event);
  for (const LogField& field : fields)
    line.append(" ").append(field.name).append("=").append(dump(value_of(field)));
  return line;
}

}  // namespace

void configure_log(Level level, Format chosen) {
  threshold = level;
  format = chosen;
}

bool log_enabled(Level level) { return level >= threshold && level != Level::off; }

void log(Level level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  sink().log(kLevels[static_cast<int>(level)], format == Format::json ? render_json(level, event, fields)
                                                                      : render_pretty(level, event, fields));
}

}  // namespace kt::telemetry

// `kt audit show` and `kt audit search`
#include <cstdio>

#include "cli/command.hpp"
#include "cli/record_filter.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

void print(const Json& record) {
  std::printf("%s\n", record.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

// Every record of one request, or the one with this id or number.
int show(const std::string& state_dir, const std::string& wanted) {
  std::size_t shown = 0;
  const auto status = audit::read_records(state_dir, std::nullopt, [&](const audit::ReadLine& line) {
    const bool numbered = wanted == std::to_string(line.seq);
    if (!numbered && line.text.find("\"" + wanted + "\"") == line.text.npos) return true;
    const Json record = Json::parse(line.text, nullptr, false);
    if (!record.is_object()) return true;
    if (!numbered && record.value("request_id", "") != wanted && record.value("id", "") != wanted)
      return true;
    print(record);
    ++shown;
    return !numbered;
  });
  if (!status) return std::fprintf(stderr, "kt: %s\n", status.error().message.c_str()), 1;
  if (shown == 0) return std::fprintf(stderr, "kt: no record of %s\n", wanted.c_str()), 1;
  return 0;
}

int search(RecordFilter& filter) {
  if (!filter.prepare()) return 2;
  const auto status = audit::read_records(filter.state_dir, filter.from(), [&](const audit::ReadLine& line) {
    if (filter.match(line)) std::printf("%.*s\n", static_cast<int>(line.text.size()), line.text.data());
    return true;
  });
  if (!status) return std::fprintf(stderr, "kt: %s\n", status.error().message.c_str()), 1;
  return 0;
}

}  // namespace

void add_audit_show(CLI::App& app, int& exit_code) {
  CLI::App* command =
      group(app, "audit", "the audit log").add_subcommand("show", "the records of one request, whole");
  auto state_dir = std::make_shared<std::string>("./kt-state");
  auto wanted = std::make_shared<std::string>();
  command->add_option("--state-dir", *state_dir, "the gateway's state directory")->capture_default_str();
  command->add_option("id", *wanted, "x-kt-request-id, a record's id, or its seq")->required();
  command->callback([=, &exit_code] { exit_code = show(*state_dir, *wanted); });
}

void add_audit_search(CLI::App& app, int& exit_code) {
  CLI::App* command =
      group(app, "audit", "the audit log").add_subcommand("search", "stored lines that match every option");
  auto filter = std::make_shared<RecordFilter>();
  filter->add_options(*command);
  command->callback([filter, &exit_code] { exit_code = search(*filter); });
}

}  // namespace kt::cli

// `kt events tail` and `kt events export`
#include <poll.h>

#include <cstdio>
#include <deque>

#include "cli/command.hpp"
#include "cli/record_filter.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFollowMs = 200;

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string text_of(const Json& record, const char* member) {
  const auto found = record.find(member);
  if (found == record.end() || found->is_null()) return {};
  return found->is_string() ? found->get<std::string>() : dump(*found);
}

// One line for people.
std::string summary(const Json& record) {
  std::string line = text_of(record, "timestamp") + "  " + text_of(record, "event_type");
  for (const char* member :
       {"request_id", "consumer", "verdict", "reason_code", "model", "target", "status"}) {
    const std::string value = text_of(record, member);
    if (!value.empty()) line += std::string("  ") + member + "=" + value;
  }
  return line;
}

struct Column {
  const char* name;
  const char* pointer;
};
constexpr Column kColumns[] = {{"timestamp", "/timestamp"},
                               {"event_type", "/event_type"},
                               {"id", "/id"},
                               {"request_id", "/request_id"},
                               {"consumer", "/consumer"},
                               {"client_ip", "/client_ip"},
                               {"path", "/path"},
                               {"verdict", "/verdict"},
                               {"reason_code", "/reason_code"},
                               {"model", "/model"},
                               {"provider", "/provider"},
                               {"target", "/target"},
                               {"deployment", "/deployment"},
                               {"region", "/region"},
                               {"status", "/status"},
                               {"stream", "/stream"},
                               {"input_tokens", "/tokens/input"},
                               {"output_tokens", "/tokens/output"},
                               {"cost_usd", "/cost_usd"},
                               {"latency_ms", "/latency_ms"},
                               {"ttft_ms", "/ttft_ms"},
                               {"policy_results", "/policy_results"},
                               {"redactions", "/redactions"},
                               {"attempts", "/attempts"},
                               {"config_sha256", "/config_sha256"}};

// RFC 4180. A leading = + - @ would be a formula to a spreadsheet, so such a text gets an apostrophe.
std::string csv_cell(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : dump(value);
  if (value.is_string() && !text.empty() &&
      std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
    text.insert(text.begin(), '\'');
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string csv_line(const Json& record) {
  std::string line;
  for (const Column& column : kColumns) {
    const Json::json_pointer pointer(column.pointer);
    if (&column != kColumns) line += ',';
    if (record.contains(pointer)) line += csv_cell(record.at(pointer));
  }
  return line;
}

int complain(const Status& status) {
  std::fprintf(stderr, "kt: %s\n", status.error().message.c_str());
  return 1;
}

struct Tail {
  RecordFilter filter;
  std::size_t lines = 10;
  bool follow = false, json = false;

  void show(const Json& record) const {
    std::printf("%s\n", (json ? dump(record) : summary(record)).c_str());
    std::fflush(stdout);
  }

  int run() {
    if (!filter.prepare()) return 2;
    audit::Follower follower(filter.state_dir);
    if (auto status = follower.skip_to_end(); !status) return complain(status);
    std::deque<Json> last;
    const auto status =
        audit::read_records(filter.state_dir, filter.from(), [&](const audit::ReadLine& line) {
          if (auto record = filter.match(line)) last.push_back(std::move(*record));
          if (last.size() > lines) last.pop_front();
          return true;
        });
    if (!status) return complain(status);
    for (const Json& record : last) show(record);
    while (follow) {
      poll(nullptr, 0, kFollowMs);
      const auto more = follower.poll([&](const audit::ReadLine& line) {
        if (const auto record = filter.match(line)) show(*record);
      });
      if (!more) return complain(more);
    }
    return 0;
  }
};

struct Export {
  RecordFilter filter;
  std::string format = "json", output;

  int run() {
    if (!filter.prepare()) return 2;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        output.empty() ? nullptr : std::fopen(output.c_str(), "we"),
        [](std::FILE* each) { return std::fclose(each); });
    if (!output.empty() && !file) return std::fprintf(stderr, "kt: cannot write %s\n", output.c_str()), 1;
    std::FILE* const out = file ? file.get() : stdout;
    if (format == "csv") {
      for (const Column& column : kColumns)
        std::fprintf(out, "%s%s", &column == kColumns ? "" : ",", column.name);
      std::fputs("\r\n", out);
    }
    const auto status =
        audit::read_records(filter.state_dir, filter.from(), [&](const audit::ReadLine& line) {
          if (const auto record = filter.match(line))
            std::fprintf(out, format == "csv" ? "%s\r\n" : "%s\n",
                         (format == "csv" ? csv_line(*record) : std::string(line.text)).c_str());
          return true;
        });
    if (!status) return complain(status);
    if (std::fflush(out) != 0 || std::ferror(out) != 0)
      return std::fprintf(stderr, "kt: the output is full\n"), 1;
    return 0;
  }
};

}  // namespace

void add_events_tail(CLI::App& app, int& exit_code) {
  CLI::App* command =
      group(app, "events", "what the gateway decided").add_subcommand("tail", "the latest records");
  auto tail = std::make_shared<Tail>();
  tail->filter.add_options(*command);
  command->add_option("-n,--lines", tail->lines, "how many")->capture_default_str();
  command->add_flag("-f,--follow", tail->follow, "and then what comes, until interrupted");
  command->add_flag("--json", tail->json, "print JSON");
  command->callback([tail, &exit_code] { exit_code = tail->run(); });
}

void add_events_export(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "events", "what the gateway decided")
                          .add_subcommand("export", "records as JSON lines or CSV");
  auto options = std::make_shared<Export>();
  options->filter.add_options(*command);
  command->add_option("--format", options->format, "json (the stored lines) or csv")
      ->check(CLI::IsMember({"json", "csv"}))
      ->capture_default_str();
  command->add_option("--output", options->output, "file; default: standard output");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace kt::cli

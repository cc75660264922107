// `kt audit verify`
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "kt/audit/time.hpp"
#include "kt/audit/verify.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

void print_json(const audit::Verified& found) {
  Json out{
      {"ok", !found.fault.has_value()},
      {"segments", found.segments},
      {"lines", found.lines},
      {"bytes", found.bytes},
      {"first_seq", found.first_seq},
      {"last_seq", found.last_seq},
      {"requests",
       {{"accepted", found.accepted}, {"completed", found.completed}, {"interrupted", found.interrupted}}},
      {"signed_lines", found.checkpoints},
      {"after_checkpoint", found.after_checkpoint},
      {"torn_bytes", found.torn_bytes},
      {"witnessed", found.witnessed},
      {"closed", found.closed},
      {"partial", found.partial},
      {"mac_checked", found.mac_checked},
      {"public_key", found.key_source}};
  if (found.fault) {
    Json fault{
        {"segment", found.fault->segment}, {"offset", found.fault->offset}, {"reason", found.fault->reason}};
    fault["seq"] = found.fault->seq ? Json(*found.fault->seq) : Json(nullptr);
    out["fault"] = std::move(fault);
  }
  std::puts(out.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

unsigned long long wide(std::uint64_t number) { return number; }

void print_fault(const audit::Fault& fault) {
  std::string place = fault.segment;
  if (fault.seq) place = "seq " + std::to_string(*fault.seq) + ", segment " + place;
  std::printf("audit log: FAILED\n%s, offset %llu: %s\n", place.c_str(), wide(fault.offset),
              fault.reason.c_str());
}

void print_text(const audit::Verified& found) {
  if (found.fault) {
    print_fault(*found.fault);
  } else {
    std::printf("audit log: ok\n");
  }
  std::printf("%llu segments, %llu lines (seq %llu to %llu), %llu signed lines, %llu bytes\n",
              wide(found.segments), wide(found.lines), wide(found.first_seq), wide(found.last_seq),
              wide(found.checkpoints), wide(found.bytes));
  std::printf("requests: %llu accepted, %llu completed, %llu interrupted\n", wide(found.accepted),
              wide(found.completed), wide(found.interrupted));
  if (found.fault) return;
  if (found.closed) {
    std::printf("closed: the last line is a signed end\n");
  } else {
    std::printf("not closed: %llu records follow the last checkpoint", wide(found.after_checkpoint));
    if (found.torn_bytes > 0) std::printf(", then %llu bytes of an unfinished line", wide(found.torn_bytes));
    std::printf("\n");
  }
  std::printf("public key: %s\n", found.key_source.c_str());
  std::printf("macs: %s\n", found.mac_checked ? "checked" : "not checked (no mac-root.key)");
  if (found.witnessed > 0) std::printf("witness: %llu checkpoints agree\n", wide(found.witnessed));
  if (found.partial) std::printf("part of the log only: --from and --to left segments out\n");
}

struct Options {
  audit::VerifyOptions verify;
  std::string from, to;
  bool json = false;
};

bool read_moment(const char* name, const std::string& text, std::optional<WallTime>& out) {
  if (text.empty()) return true;
  out = audit::parse_moment(text, system_clock().wall());
  if (!out)
    std::fprintf(stderr, "kt: %s %s: expected a time, a date or an age like 7d\n", name, text.c_str());
  return out.has_value();
}

int verify(Options options) {
  if (!read_moment("--from", options.from, options.verify.from) ||
      !read_moment("--to", options.to, options.verify.to))
    return 2;
  const auto found = audit::verify_log(options.verify);
  if (!found) {
    std::fprintf(stderr, "kt: %s\n", found.error().message.c_str());
    return 1;
  }
  if (options.json) {
    print_json(*found);
  } else {
    print_text(*found);
  }
  return found->fault ? 3 : 0;
}

}  // namespace

void add_audit_verify(CLI::App& app, int& exit_code) {
  CLI::App* command =
      group(app, "audit", "the audit log")
          .add_subcommand("verify", "check every byte of the audit log; exit 3 names what is wrong");
  auto options = std::make_shared<Options>();
  command->add_option("--state-dir", options->verify.state_dir, "the gateway's state directory, or a copy")
      ->capture_default_str();
  command->add_option("--from", options->from, "time, date or age: leave older segments out");
  command->add_option("--to", options->to, "time, date or age: leave newer segments out");
  command->add_option("--public-key", options->verify.public_key, "public key file kept elsewhere");
  command->add_option("--mac-key", options->verify.mac_key, "mac-root.key kept elsewhere");
  command->add_option("--witness", options->verify.witness, "file of copied checkpoints");
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options, &exit_code] { exit_code = verify(*options); });
}

}  // namespace kt::cli

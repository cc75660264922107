// `kt policy explain`: what each policy sees in a request. Shows places, types and scores; never the text.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/command.hpp"
#include "kt/config/load.hpp"
#include "kt/llm/request.hpp"
#include "kt/policy/chain.hpp"

namespace kt::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kVerdicts[] = {"allow", "redact", "block", "escalate"};
constexpr const char* kRoles[] = {"system", "user", "assistant", "tool", "document", "definition"};

const char* name(policy::Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

struct Options {
  std::vector<std::string> config;
  std::string input;
  bool json = false;
};

std::optional<std::string> read(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  text << file.rdbuf();
  return text.str();
}

Json text_json(const std::string& body, const llm::Lanes& lanes, const policy::Observed& seen) {
  const llm::LaneText& lane = lanes.texts[seen.lane];
  Json edits = Json::array();
  for (const llm::Edit& edit : seen.edits)
    edits.push_back({{"begin", edit.begin}, {"end", edit.end}, {"marker", edit.text}});
  return {{"path", llm::path_of(body, lane.span.begin)},
          {"role", kRoles[static_cast<std::size_t>(lane.lane.role)]},
          {"bytes", lane.span.size()},
          {"verdict", name(seen.verdict)},
          {"matches", edits}};
}

Json policy_json(const policy::PolicyReport& each, const Json& texts) {
  Json counts = Json::object(), signals = Json::array();
  for (const auto& count : each.report.counts) counts[std::string(count.type)] = count.count;
  for (const auto& signal : each.report.signals) signals.push_back({{"name", signal.name}, {"weight", signal.weight}});
  Json out{{"policy", each.entry->policy->kind()},
           {"enforced", each.entry->enforced},
           {"verdict", each.failed ? "error" : name(each.report.verdict)},
           {"reason", each.report.reason},
           {"counts", counts},
           {"signals", signals},
           {"microseconds", std::chrono::duration<double, std::micro>(each.report.time).count()},
           {"texts", texts}};
  if (each.report.score >= 0) out["score"] = each.report.score;
  return out;
}

void print_text(const Json& report) {
  std::printf("verdict: %s\n", report["verdict"].get<std::string>().c_str());
  for (const Json& policy : report["policies"]) {
    std::printf("\n%s: %s%s", policy["policy"].get<std::string>().c_str(), policy["verdict"].get<std::string>().c_str(),
                policy["enforced"].get<bool>() ? "" : " (not enforced)");
    if (policy.contains("score")) std::printf(", score %.3f", policy["score"].get<double>());
    std::printf(", %zu texts, %.1f us\n", policy["texts"].size(), policy["microseconds"].get<double>());
    for (const auto& [type, count] : policy["counts"].items()) std::printf("  %s: %d\n", type.c_str(), count.get<int>());
    for (const Json& signal : policy["signals"])
      std::printf("  signal %s %.2f\n", signal["name"].get<std::string>().c_str(), signal["weight"].get<double>());
    for (const Json& text : policy["texts"]) {
      if (text["verdict"] == "allow") continue;
      std::printf("  %s (%s): %s\n", text["path"].get<std::string>().c_str(), text["role"].get<std::string>().c_str(),
                  text["verdict"].get<std::string>().c_str());
      for (const Json& match : text["matches"])
        std::printf("    bytes %zu-%zu -> %s\n", match["begin"].get<std::size_t>(), match["end"].get<std::size_t>(),
                    match["marker"].get<std::string>().c_str());
    }
  }
}

int explain(const Options& options) {
  config::Loaded loaded = config::load_files(options.config);
  policy::Chain chain;
  if (loaded.config) chain = policy::build_chain(*loaded.config, loaded.files, loaded.diagnostics);
  bool valid = loaded.config.has_value();
  for (const auto& each : loaded.diagnostics) {
    std::fprintf(stderr, "%s\n", each.text().c_str());
    valid &= each.severity != config::Diagnostic::Severity::error;
  }
  if (!valid) return 2;
  const auto body = read(options.input);
  if (!body) {
    std::fprintf(stderr, "kt: cannot read %s\n", options.input.c_str());
    return 1;
  }
  llm::Lanes lanes;
  const json::Limits limits{loaded.config->gateway.max_json_depth};
  llm::RequestView view;
  if (const json::Fault fault = llm::scan_request(*body, limits, view)) {
    std::fprintf(stderr, "kt: %s is no usable request: %s at byte %zu\n", options.input.c_str(), fault.what,
                 fault.offset);
    return 2;
  }
  llm::find_request_lanes(*body, limits, lanes);
  policy::ChainRun run(chain);
  std::map<const policy::Entry*, Json> texts;
  run.observe = [&](const policy::Observed& seen) { texts[seen.entry].push_back(text_json(*body, lanes, seen)); };
  std::string edited;
  const policy::Decision decision = run.review(policy::Phase::request, *body, lanes, edited);
  Json report{{"verdict", decision.kind == policy::Decision::Kind::failed ? "error" : name(run.verdict())},
              {"policies", Json::array()}};
  for (const auto& each : run.reports()) {
    const auto found = texts.find(each.entry);
    report["policies"].push_back(policy_json(each, found == texts.end() ? Json::array() : found->second));
  }
  if (options.json) {
    std::puts(report.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
  } else {
    print_text(report);
  }
  return 0;
}

}  // namespace

void add_policy_explain(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "policy", "work with policy-config.yaml")
                          .add_subcommand("explain", "what each policy sees in a request, without its text");
  auto options = std::make_shared<Options>();
  command->add_option("--policy-config", options->config, "configuration file; several are layered")->required();
  command->add_option("--input", options->input, "a request body; - is standard input")->required();
  command->add_flag("--json", options->json, "print JSON");
  command->callback([options, &exit_code] { exit_code = explain(*options); });
}

}  // namespace kt::cli

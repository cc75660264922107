#include <gtest/gtest.h>

#include "kt/config/load.hpp"

namespace kt::config {
namespace {

// Two targets at lines 4 and 5; what a test adds starts at line 6.
std::string two(const std::string& more, const std::string& in_first = "") {
  return "pack: {name: test, version: 1.0.0}\npolicies: {chain: []}\nproviders:\n  targets:\n"
         "    - {id: a, provider: openai, model: gpt-4o" +
         in_first + "}\n    - {id: b, provider: openai, model: gpt-4o-mini}\n" + more;
}

std::string complaints(const std::string& text) {
  const Loaded loaded =
      load({{"f.yaml", text}}, [](const std::string&) { return std::optional<std::string>(); });
  std::string all;
  for (const Diagnostic& each : loaded.diagnostics) all += each.text().substr(7) + "\n";
  return all;
}

struct Case {
  const char* what;
  std::string text;
  const char* wanted;  // line:column: severity code: message
};

class RoutingCheck : public ::testing::TestWithParam<Case> {};

TEST_P(RoutingCheck, IsSaidWithItsPlaceAndAdvice) {
  const std::string all = complaints(GetParam().text);
  EXPECT_NE(all.find(GetParam().wanted), std::string::npos) << "wanted: " << GetParam().wanted << "\ngot:\n"
                                                            << all;
}

const std::string kHash(64, 'a');

INSTANTIATE_TEST_SUITE_P(
    All, RoutingCheck,
    ::testing::Values(
        Case{"unknown strategy", two("  strategy: quickest\n"), "7:13: error E106"},
        Case{"strategy by a near name", two("  strategy: lowest_latencie\n"),
             "did you mean 'lowest_latency'?"},
        Case{"mirror without its target", two("  strategy: mirror\n"),
             "7:13: error E105: 'mirror_target' is missing"},
        Case{"hedging", two("  routing: {hedge: {after: p95}}\n"),
             "error E211: hedging is not available in this version"},
        Case{"mirror to nobody", two("  routing: {strategy: mirror, mirror_target: c}\n"),
             "error E108: there is no target"},
        Case{"connect longer than all", two("", ", timeout_seconds: 3, connect_timeout_seconds: 9"),
             "5:93: error E106: connect_timeout_seconds is longer than timeout_seconds"},
        Case{"idle longer than the stream",
             two("", ", stream_timeout_seconds: 3, stream_idle_timeout_seconds: 9"),
             "error E106: stream_idle_timeout_seconds is longer"},
        Case{"a timeout of a year", two("", ", timeout_seconds: 31536000"), "5:65: error E106"},
        Case{"a timeout of nothing", two("", ", timeout_seconds: 0"), "error E106"},
        Case{"a negative limit", two("", ", rate_limits: {rpm: -1}"), "5:67: error E106"},
        Case{"a negative weight", two("", ", weight: -1"), "error E106"},
        Case{"an id twice", two("    - {id: a, provider: openai, model: x}\n"), "7:12: error E107"},
        Case{"probes that overlap", two("  health_monitor: {interval_seconds: 2, timeout_seconds: 3}\n"),
             "error E106: a probe would still run"},
        Case{"back-off upside down", two("  retry: {initial_delay_ms: 500, max_delay_ms: 100}\n"),
             "7:29: error E106: the first wait is longer than the longest"},
        Case{"single with two", two("  strategy: single\n"), "warning W203: strategy single"},
        Case{"cheapest of unpriced", two("  strategy: cost\n"), "warning W203: no target has a price"},
        Case{"group with a missing target", two("model_groups: [{name: g, targets: [a, zz]}]\n"),
             "error E108"},
        Case{"group with a target twice", two("model_groups: [{name: g, targets: [a, a]}]\n"),
             "7:39: error E107: the group has this target twice"},
        Case{"weight of a stranger", two("model_groups: [{name: g, targets: [a], weights: {b: 1}}]\n"),
             "error E108: a weight for a target that is not in the group"},
        Case{"weight 0 everywhere",
             two("model_groups: [{name: g, targets: [a, b], weights: {a: 0, b: 0}}]\n"),
             "error E106: the weight is 0 everywhere"},
        Case{"a circle",
             two("model_groups:\n  - {name: g, targets: [a], fallback_group: h}\n"
                 "  - {name: h, targets: [b], fallback_group: g}\n"),
             "8:45: error E106: the groups fall back in a circle"},
        Case{"a group that falls back to itself",
             two("model_groups: [{name: g, targets: [a], fallback_group: g}]\n"),
             "error E106: the groups fall back in a circle"},
        Case{"one key for two",
             two("consumers:\n  - {id: x, key_ref: {sha256: " + kHash +
                 "}}\n  - {id: y, key_ref: {sha256: " + kHash + "}}\n"),
             "error E107: two consumers have one key"},
        Case{"a model that is not there",
             two("consumers: [{id: x, key_ref: {sha256: " + kHash + "}, models: [gpt-9]}]\n"),
             "error E108: there is no model of this name"},
        Case{"a budget without prices",
             two("consumers: [{id: x, key_ref: {sha256: " + kHash + "}, budget: {daily_usd: 1}}]\n"),
             "error E106: a budget in USD, but target 'a' has no pricing"},
        Case{"consumer scope without consumers",
             two("token_rate_limit: {max_tokens: 10, window_seconds: 60, scope: consumer}\n"),
             "7:63: error E108: scope consumer"}),
    [](const auto& info) {
      std::string name = info.param.what;
      for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
      return name;
    });

TEST(RoutingCheckGood, WhatFitsTogetherHasNoComplaintOfOurs) {
  const std::string all = complaints(
      two("  routing: {strategy: mirror, mirror_target: b}\n  retry: {}\n  health_monitor: {}\n"
          "model_groups:\n  - {name: g, targets: [a, b], weights: {a: 9, b: 1}, fallback_group: h}\n"
          "  - {name: h, targets: [b]}\n",
          ", timeout_seconds: 3"));  // below the default connect timeout, which is not the file's fault
  for (const char* code : {"E10", "W203", "W211"}) EXPECT_EQ(all.find(code), std::string::npos) << all;
}

}  // namespace
}  // namespace kt::config

#include "kt/config/load.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace kt::config {
namespace {

constexpr const char* kMinimal = R"(pack: {name: test, version: 1.0.0}
policies: {chain: []}
providers:
  targets:
    - id: one
      provider: azure-openai
      model: gpt-4o
      base_url: https://r.openai.azure.com
      azure_api_version: 2024-10-21
)";

std::optional<std::string> environment(const std::string& name) {
  if (name == "REGION") return "sweden";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Loaded load_text(const std::string& text) { return load({{"f.yaml", text}}, environment); }

// The diagnostics of a file as "line:column CODE message; suggestion" lines.
std::string complaints(const std::string& text) {
  std::string out;
  for (const Diagnostic& each : load_text(text).diagnostics) out += each.text().substr(7) + "\n";
  return out;
}

void expect_complaint(const std::string& text, const std::string& part) {
  const Loaded loaded = load_text(text);
  const std::string all = complaints(text);
  EXPECT_FALSE(loaded.config) << text;
  EXPECT_NE(all.find(part), std::string::npos) << "wanted: " << part << "\ngot: " << all;
}

TEST(Load, AMinimalFileGetsTheDocumentedDefaults) {
  const Loaded loaded = load_text(kMinimal);
  ASSERT_TRUE(loaded.config) << complaints(kMinimal);
  const Target& target = loaded.config->targets.at(0);
  EXPECT_EQ(target.azure_deployment, "gpt-4o");
  EXPECT_EQ(target.timeout, Seconds(60));
  EXPECT_EQ(target.connect_timeout, Seconds(5));
  EXPECT_EQ(target.secret.kind, SecretRef::Kind::env);
  EXPECT_EQ(target.secret.name, "AZURE_OPENAI_API_KEY");
  EXPECT_EQ(loaded.config->gateway.block_status_code, 409u);
  EXPECT_EQ(loaded.config->size_limits.max_body_bytes, 64u << 20);
}

TEST(Load, EveryProblemIsReportedAtOnceWithItsPlaceAndAdvice) {
  const std::string text = R"(pack: {name: test, versoin: 1.0.0}
policies: {chain: [prompt-injction]}
providers:
  targets:
    - id: one
      provider: azure-openai
      modle: gpt-4o
      base_url: http://example.org
      timeout_seconds: soon
)";
  const std::string all = complaints(text);
  for (const char* part :
       {"1:20: error E103: unknown key 'versoin' in pack; did you mean 'version'?",
        "2:20: error E001: unknown policy kind 'prompt-injction'; did you mean 'prompt-injection'?",
        "7:7: error E103", "did you mean 'model'?", "8:17: error E106", "https", "9:24: error E104"}) {
    EXPECT_NE(all.find(part), std::string::npos) << "wanted: " << part << "\ngot:\n" << all;
  }
}

TEST(Load, TheTrapsOfYamlAreRefused) {
  expect_complaint(std::string(kMinimal) + "pack: {name: again, version: 1.0.0}\n", "twice");
  expect_complaint(std::string(kMinimal) + "---\na: b\n", "second document");
  expect_complaint("a: &x {name: t, version: 1.0.0}\npack: *x\n", "anchor");
  expect_complaint(std::string(kMinimal) + "gateway: {drain_seconds: 0x10}\n", "E104");
  for (const char* value : {"yes", "on", "True", "\"true\""})
    expect_complaint("pack: {name: t, version: 1.0.0, enabled: " + std::string(value) + "}\n", "E104");
  expect_complaint(std::string(kMinimal) + "gateway: {block_status_code: 0400}\n", "E104");
  expect_complaint("\tpack: x\n", "E10");
  expect_complaint("[]\n", "E10");
  expect_complaint("", "E105");
}

TEST(Load, VariablesAreFilledIntoStringsButNotIntoSecrets) {
  std::string text = kMinimal;
  text += "      description: \"${REGION} ${NONE:-none} $${x}\"\n      headers: {x-region: \"${REGION}\"}\n";
  const Loaded loaded = load_text(text);
  ASSERT_TRUE(loaded.config) << complaints(text);
  EXPECT_EQ(loaded.config->targets[0].description.substr(0, 11), "sweden none");
  EXPECT_EQ(loaded.config->targets[0].headers.at(0).second, "${REGION}");
  expect_complaint(std::string(kMinimal) + "      description: ${NONE}\n", "NONE");
}

TEST(Load, LayersMergeMapsAndReplaceLists) {
  const std::string second = "gateway: {drain_seconds: 3}\npack: {version: 2.0.0}\n";
  const std::string third = "gateway: {idle_timeout_seconds: 4}\n";
  const Loaded loaded = load({{"a.yaml", kMinimal}, {"b.yaml", second}, {"c.yaml", third}}, environment);
  ASSERT_TRUE(loaded.config);
  EXPECT_EQ(loaded.config->pack.name, "test");
  EXPECT_EQ(loaded.config->pack.version, "2.0.0");
  EXPECT_EQ(loaded.config->gateway.drain, Seconds(3));
  EXPECT_EQ(loaded.config->gateway.idle_timeout, Seconds(4));
  const Loaded bad = load({{"a.yaml", kMinimal}, {"b.yaml", "gatway: {}\n"}}, environment);
  ASSERT_FALSE(bad.diagnostics.empty());
  EXPECT_TRUE(bad.diagnostics.back().text().starts_with("b.yaml:1:1: error"));
}

TEST(Load, PolicyMayStandBelowPolicies) {
  std::string text = kMinimal;
  text.replace(text.find("policies: {chain: []}"), 21,
               "policies: {chain: [safety-filter], policy: {safety-filter: {mode: education}}}");
  const Loaded loaded = load_text(text);
  ASSERT_TRUE(loaded.config) << complaints(text);
  EXPECT_NE(loaded.config->policies.at("safety-filter").fields.find("education"), std::string::npos);
}

TEST(Load, NoValueOfASecretStandsInAComplaint) {
  const std::string canary = "canary-secret";
  for (const std::string& text :
       {std::string(kMinimal) + "      api_key: {a: " + canary + "}\n",
        std::string(kMinimal) + "      api_key: [" + canary + "]\n",
        std::string(kMinimal) + "      headers: {authorization: [" + canary + "]}\n",
        std::string(kMinimal) + "      headers: {\"x y\": " + canary + "}\n",
        std::string(kMinimal) + "      api_key: \"" + canary + "\\n\"\n",
        std::string(kMinimal) + "      api_key: \"" + canary + "\n"}) {
    const std::string all = complaints(text);
    EXPECT_NE(all.find("error "), std::string::npos) << all;
    EXPECT_EQ(all.find(canary), std::string::npos) << all;
  }
}

TEST(Load, AQuoteIsClosedAlsoAtTheEndOfAFile) {
  for (const std::string& mark : {std::string(), std::string("\xef\xbb\xbf")}) {
    for (const char* value : {"\"cut", "'cut", "\"cut\\\"", "'cut''", "\"cut\n        off"})
      expect_complaint(mark + kMinimal + "      description: " + value + "\n",
                       "10:20: error E101: this quote is not closed");
    for (const char* value : {"\"whole\"", "'it''s'", "\"a \\\" b\"", "'\"'", "it's", "a\"b", "|\n        \"x"})
      EXPECT_TRUE(load_text(mark + kMinimal + "      description: " + value + "\n").config) << value;
  }
}

TEST(Load, AVersionIsSemVer) {
  for (const char* version : {"\"\"", "1.0", "v1.0.0", "1..0", "x"}) {
    std::string text = kMinimal;
    const std::size_t at = text.find("version: 1.0.0");
    ASSERT_NE(at, std::string::npos);
    expect_complaint(text.replace(at, 14, std::string("version: ") + version), "SemVer");
  }
}

TEST(Load, HostileFilesEndWithAVerdict) {
  for (const std::string& text :
       {std::string(200'000, '['), std::string(200'000, '{'), std::string(100'000, '-') + " x",
        std::string("a: \0b\n", 7), std::string("a: \xff\n"), "a: " + std::string(3'000'000, 'x'),
        std::string("? - ? - ? - x"), std::string("!!binary x"), std::string("%YAML 9.9\n---\na: b")}) {
    EXPECT_FALSE(load_text(text).config);
    EXPECT_FALSE(load_text(text).diagnostics.empty());
  }
}

TEST(Load, TheShippedExamplesLoad) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(KT_SOURCE_DIR) + "/configs")) {
    const Loaded loaded = load_files({entry.path().string()});
    EXPECT_TRUE(loaded.config) << entry.path() << ": "
                               << (loaded.diagnostics.empty() ? "" : loaded.diagnostics[0].text());
    ++count;
  }
  EXPECT_GE(count, 13);
}

std::string file(const std::string& name) {
  std::ifstream in(std::string(KT_SOURCE_DIR) + "/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

TEST(Documentation, TheCommittedSchemaAndReferenceAreWhatTheTableSays) {
  EXPECT_EQ(file("docs/policy-config.schema.json"), json_schema())
      << "run: ./kt config schema > docs/policy-config.schema.json";
  EXPECT_EQ(file("docs/configuration.md"), reference_markdown())
      << "run: ./kt config reference > docs/configuration.md";
}

TEST(Schema, IsDraft07AndKnowsEveryTopLevelSection) {
  const auto schema = nlohmann::json::parse(json_schema());
  EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
  for (const char* name : {"pack", "policies", "policy", "providers", "gateway", "consumers"})
    EXPECT_TRUE(schema["properties"].contains(name)) << name;
  EXPECT_EQ(schema["additionalProperties"], false);
}

}  // namespace
}  // namespace kt::config

#include "kt/audit/record.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "audit/line.hpp"
#include "audit/merkle.hpp"
#include "kt/audit/time.hpp"

namespace kt::audit {
namespace {

using Json = nlohmann::json;

Json parsed(const std::string& fields) { return Json::parse("{" + fields + "}"); }

std::string quoted(std::string_view text, std::size_t limit = 512) {
  std::string out;
  append_json_string(text, limit, out);
  return out;
}

TEST(JsonString, KeepsOneLineWhateverIsInIt) {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  every += "\u2028\u2029\u0085\u202e\U0001f600";
  const std::string text = quoted(every, 4096);
  EXPECT_EQ(text.find_first_of("\n\r\x1b\x7f"), text.npos);
  EXPECT_EQ(text.find("\u2028"), text.npos);
  EXPECT_EQ(text.find("\u202e"), text.npos);
  const std::string back = Json::parse(text).get<std::string>();
  EXPECT_NE(back.find(std::string("\0\1\2", 3)), back.npos);
  EXPECT_NE(back.find("\U0001f600"), back.npos);
  EXPECT_NE(back.find("\ufffd"), back.npos);
}

TEST(JsonString, CutsAtWholeCharacters) {
  EXPECT_EQ(quoted("abcdef", 3), "\"abc\"");
  EXPECT_EQ(quoted("ab\u00e9", 3), "\"ab\"");
  EXPECT_EQ(quoted("ab\u00e9", 4), "\"ab\u00e9\"");
}

TEST(JsonString, ReplacesWhatIsNotUtf8) {
  for (const char* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe2\x82"}) {
    const std::string text = quoted(bad);
    EXPECT_NE(text.find("\xef\xbf\xbd"), text.npos);
    EXPECT_NO_THROW(Json::parse(text));
  }
}

TEST(Record, HasTheFieldsOfTheContract) {
  Record record;
  record.time = WallTime(std::chrono::microseconds(1'700'000'000'000'123));
  record.request_id = "r-1";
  record.consumer = "team-\"a\"\n";
  record.policy_results = {{"pii-detector", "request", "redact", "pii_detected", 0.25, 17}};
  record.redactions = {{"EMAIL", 2}};
  record.attempts = {{"west", 429, "", 3.5}, {"east", 200, "", 120.25}};
  record.status = 200;
  record.tokens = {10, 20, 3, 4, true};
  record.cost_usd = 0.00125;
  record.ttft_ms = 80;
  record.latency_ms = 123.4567;
  record.content_filter = {{"prompt", "hate", "safe", false, false}};
  record.data_policy = DataPolicy{true, std::nullopt, 0};
  record.prompt_digest = "ab";
  const Json json = parsed(completed_fields(record));
  EXPECT_EQ(json["event_type"], "request.completed");
  EXPECT_EQ(json["timestamp"], "2023-11-14T22:13:20.000123Z");
  EXPECT_EQ(json["consumer"], "team-\"a\"\n");
  EXPECT_EQ(json["policy_results"][0]["score"], 0.25);
  EXPECT_EQ(json["redactions"][0]["count"], 2);
  EXPECT_EQ(json["attempts"].size(), 2u);
  EXPECT_EQ(json["tokens"]["estimated"], true);
  EXPECT_EQ(json["cost_usd"], 0.00125);
  EXPECT_EQ(json["latency_ms"], 123.457);
  EXPECT_EQ(json["ttft_ms"], 80);
  EXPECT_EQ(json["content_filter"][0]["category"], "hate");
  EXPECT_EQ(json["data_policy"]["zero_data_retention"], true);
  EXPECT_EQ(json["data_policy"]["retention_days"], 0);
  EXPECT_FALSE(json.contains("user"));
  for (const char* name :
       {"request_id", "client_ip", "verdict", "reason_code", "model", "provider", "target", "deployment",
        "region", "status", "stream", "pack", "config_version", "config_sha256", "prompt_digest"})
    EXPECT_TRUE(json.contains(name)) << name;
}

TEST(Record, AddsUserAndCategoriesWhenAsked) {
  Record record;
  record.user = "dr-1";
  const std::string_view categories[] = {"MRN", "SSN"};
  record.data_categories = categories;
  const Json json = parsed(completed_fields(record));
  EXPECT_EQ(json["user"], "dr-1");
  EXPECT_EQ(json["data_categories"], Json({"MRN", "SSN"}));
}

TEST(Record, IsBoundedInSize) {
  const std::string huge(100'000, '\x01');
  Record record;
  record.request_id = record.consumer = record.path = record.model = record.reason_code = huge;
  record.policy_results.assign(1000, {huge, huge, huge, huge, 0, 0});
  EXPECT_LT(completed_fields(record).size(), 64 * 4 * 6 * 512u + 64 * 1024);
  record.policy_results.clear();
  EXPECT_LT(completed_fields(record).size(), 32 * 1024u);
}

TEST(Line, IsReadAtFixedPlaces) {
  const std::string prev(64, 'a'), sig(128, 'b'), mac(64, 'c');
  const std::string text =
      "{\"v\":1,\"seq\":42,\"id\":\"evt_00\",\"event_type\":\"x.y\",\"timestamp\":\"t\",\"a\":1,\"prev\":\"" +
      prev + "\",\"sig\":\"" + sig + "\",\"mac\":\"" + mac + "\"}";
  LineView line;
  ASSERT_EQ(parse_line(text, line), nullptr);
  EXPECT_EQ(line.seq, 42u);
  EXPECT_EQ(line.event_type, "x.y");
  EXPECT_EQ(line.rest, ",\"a\":1");
  EXPECT_EQ(own_number(line.rest, "a"), 1u);
  EXPECT_EQ(line.sig, sig);
  EXPECT_TRUE(line.maced_part.ends_with(sig + "\""));
  EXPECT_TRUE(line.signed_part.ends_with(prev + "\""));
  for (std::size_t cut = 0; cut < text.size(); ++cut) parse_line(std::string_view(text).substr(0, cut), line);
  EXPECT_NE(parse_line("{\"v\":1,\"seq\":042,", line), nullptr);
}

// Against RFC 6962 section 2.1, written down recursively.
TEST(Merkle, AgreesWithThePairwiseDefinition) {
  Sha256 hash;
  const auto node = [&](const Digest& a, const Digest& b) {
    return hash.of(std::string("\x01", 1) + std::string(view(a)) + std::string(view(b)));
  };
  std::vector<Digest> leaves;
  Merkle tree;
  EXPECT_EQ(hex(tree.root(hash)), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (int n = 1; n <= 40; ++n) {
    const Digest data = hash.of(std::to_string(n));
    tree.add(hash, data);
    leaves.push_back(hash.of(std::string("\x00", 1) + std::string(view(data))));
    const auto root = [&](const auto& self, std::size_t begin, std::size_t end) -> Digest {
      if (end - begin == 1) return leaves[begin];
      std::size_t split = 1;
      while (split * 2 < end - begin) split *= 2;
      return node(self(self, begin, begin + split), self(self, begin + split, end));
    };
    EXPECT_EQ(hex(tree.root(hash)), hex(root(root, 0, leaves.size()))) << n;
  }
}

TEST(Time, ReadsWhatTheLogWritesAndWhatPeopleType) {
  const WallTime now(std::chrono::microseconds(1'700'000'000'123'456));
  EXPECT_EQ(parse_rfc3339(rfc3339(now)), now);
  EXPECT_EQ(parse_rfc3339("2023-11-14T22:13:20Z"), now - std::chrono::microseconds(123'456));
  EXPECT_EQ(parse_moment("2023-11-14", now), WallTime(std::chrono::seconds(1'699'920'000)));
  EXPECT_EQ(parse_moment("7d", now), now - std::chrono::hours(168));
  for (const char* bad :
       {"", "d", "7", "7x", "2023-13-01", "2023-02-30", "2023-11-14T25:00:00Z", "2023-11-14T22:13:20"})
    EXPECT_FALSE(parse_moment(bad, now)) << bad;
}

}  // namespace
}  // namespace kt::audit

#include "kt/telemetry/metrics.hpp"

#include <gtest/gtest.h>

namespace kt::telemetry {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, AScrapeAddsTheShardsUp) {
  Metrics metrics;
  Shard& first = metrics.add_shard();
  Shard& second = metrics.add_shard();
  const std::size_t id = metrics.series_id({"gpt-4o", "azure-openai"});
  first.series(id).count_request(200, VerdictLabel::allow);
  second.series(id).count_request(200, VerdictLabel::allow);
  second.series(id).count_request(409, VerdictLabel::block);
  second.series(id).latency.observe(std::chrono::milliseconds(3));
  const std::string text = metrics.render();
  EXPECT_TRUE(has_line(
      text,
      R"(keeptrusts_llm_requests_total{model="gpt-4o",provider="azure-openai",status="200",verdict="allow"} 2)"))
      << text;
  EXPECT_TRUE(has_line(
      text,
      R"(keeptrusts_llm_requests_total{model="gpt-4o",provider="azure-openai",status="409",verdict="block"} 1)"));
  EXPECT_EQ(metrics.requests_processed(), 3u);
}

TEST(Metrics, HistogramsAreCumulativeAndComplete) {
  Metrics metrics;
  Shard& shard = metrics.add_shard();
  Series& series = shard.series(metrics.series_id({"m", "p"}));
  for (const int ms : {1, 3, 200, 500'000}) series.latency.observe(std::chrono::milliseconds(ms));
  const std::string text = metrics.render();
  EXPECT_TRUE(has_line(text, R"(keeptrusts_llm_latency_seconds_bucket{model="m",provider="p",le="0.001"} 1)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(keeptrusts_llm_latency_seconds_bucket{model="m",provider="p",le="+Inf"} 4)"));
  EXPECT_TRUE(has_line(text, R"(keeptrusts_llm_latency_seconds_count{model="m",provider="p"} 4)"));
}

TEST(Metrics, OneKeyIsOneSeriesAndUnknownStatusesAreOther) {
  Metrics metrics;
  EXPECT_EQ(metrics.series_id({"m", "p"}), metrics.series_id({"m", "p"}));
  EXPECT_NE(metrics.series_id({"m", "p"}), metrics.series_id({"m", "q"}));
  metrics.add_shard().series(0).count_request(418, VerdictLabel::error);
  EXPECT_NE(metrics.render().find(R"(status="other")"), std::string::npos);
}

TEST(Metrics, LabelsAreEscaped) {
  Metrics metrics;
  metrics.add_shard().series(metrics.series_id({"a\"b\\c\nd", "p"})).count_request(200, VerdictLabel::allow);
  EXPECT_NE(metrics.render().find(R"(model="a\"b\\c\nd")"), std::string::npos);
}

}  // namespace
}  // namespace kt::telemetry

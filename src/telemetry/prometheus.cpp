// The text of /metrics.
#include <functional>
#include <string>

#include <spdlog/fmt/fmt.h>

#include "kt/telemetry/metrics.hpp"

namespace kt::telemetry {
namespace {

std::string quoted(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"' || c == '\n') out += '\\';
    out += c == '\n' ? 'n' : c;
  }
  return out;
}

struct Text {
  std::string out;

  void head(std::string_view name, std::string_view type, std::string_view help) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void sample(std::string_view name, std::string_view labels, std::uint64_t value) {
    out += fmt::format("{}{{{}}} {}\n", name, labels, value);
  }
};

// All shards' counters of one series, by a getter.
using Sum = std::function<std::uint64_t(const std::function<const Counter&(const Series&)>&)>;

template <class S>
void histogram(Text& text, std::string_view name, const std::string& labels,
               const std::function<std::uint64_t(const std::function<const Counter&(const S&)>&)>& sum,
               Histogram S::* member) {
  std::uint64_t running = 0;
  for (std::size_t i = 0; i <= Histogram::kBounds.size(); ++i) {
    running += sum([&](const S& series) -> const Counter& { return (series.*member).buckets[i]; });
    const std::string bound =
        i < Histogram::kBounds.size() ? fmt::format("{}", Histogram::kBounds[i]) : "+Inf";
    text.out += fmt::format("{}_bucket{{{},le=\"{}\"}} {}\n", name, labels, bound, running);
  }
  const auto nanos = sum([&](const S& series) -> const Counter& { return (series.*member).sum_nanos; });
  text.out += fmt::format("{}_sum{{{}}} {:.9f}\n{}_count{{{}}} {}\n", name, labels,
                          static_cast<double>(nanos) / 1e9, name, labels, running);
}

}  // namespace

std::string Metrics::render() const {
  const std::scoped_lock lock(mutex_);
  Text text;
  const auto each = [&](const std::function<void(const std::string& labels, const Sum& sum)>& visit) {
    for (std::size_t id = 0; id < keys_.size(); ++id) {
      const Sum sum = [&](const auto& get) {
        std::uint64_t total = 0;
        for (const auto& shard : shards_) {
          if (id < shard->series_.size() && shard->series_[id]) total += get(*shard->series_[id]).value();
        }
        return total;
      };
      visit(fmt::format("model=\"{}\",provider=\"{}\"", quoted(keys_[id].model), quoted(keys_[id].provider)),
            sum);
    }
  };

  text.head("keeptrusts_llm_requests_total", "counter", "Answered requests.");
  each([&](const std::string& labels, const Sum& sum) {
    for (std::size_t status = 0; status < kStatuses.size(); ++status) {
      for (std::size_t verdict = 0; verdict < kVerdictNames.size(); ++verdict) {
        const auto n =
            sum([&](const Series& series) -> const Counter& { return series.requests[status][verdict]; });
        const std::string code = kStatuses[status] == 0 ? "other" : std::to_string(kStatuses[status]);
        if (n > 0)
          text.sample("keeptrusts_llm_requests_total",
                      fmt::format("{},status=\"{}\",verdict=\"{}\"", labels, code, kVerdictNames[verdict]),
                      n);
      }
    }
  });

  text.head("keeptrusts_llm_tokens_total", "counter", "Tokens as the provider counted them.");
  constexpr std::pair<std::string_view, Counter Series::*> kTokens[] = {{"input", &Series::input_tokens},
                                                                        {"output", &Series::output_tokens}};
  each([&](const std::string& labels, const Sum& sum) {
    for (const auto& [direction, member] : kTokens) {
      text.sample("keeptrusts_llm_tokens_total", fmt::format("{},direction=\"{}\"", labels, direction),
                  sum([&](const Series& series) -> const Counter& { return series.*member; }));
    }
  });
  constexpr std::tuple<std::string_view, std::string_view, Counter Series::*> kShares[] = {
      {"keeptrusts_llm_cached_tokens_total", "Input tokens served from the provider's cache (part of input).",
       &Series::cached_tokens},
      {"keeptrusts_llm_reasoning_tokens_total", "Output tokens spent on reasoning (part of output).",
       &Series::reasoning_tokens}};
  for (const auto& [name, help, member] : kShares) {
    text.head(name, "counter", help);
    each([&, name = name, member = member](const std::string& labels, const Sum& sum) {
      text.sample(name, labels, sum([&](const Series& series) -> const Counter& { return series.*member; }));
    });
  }

  text.head("keeptrusts_llm_cost_total", "counter", "Cost by the targets' pricing, in USD.");
  each([&](const std::string& labels, const Sum& sum) {
    const auto pico = sum([](const Series& series) -> const Counter& { return series.cost_pico_usd; });
    text.out += fmt::format("keeptrusts_llm_cost_total{{{}}} {}.{:012}\n", labels, pico / 1'000'000'000'000,
                            pico % 1'000'000'000'000);
  });

  constexpr std::tuple<std::string_view, std::string_view, Histogram Series::*> kHistograms[] = {
      {"keeptrusts_llm_latency_seconds", "Time from the request's last byte to the answer's last byte.",
       &Series::latency},
      {"keeptrusts_gateway_overhead_seconds",
       "Time spent inside the gateway, waiting for the upstream left out.", &Series::overhead},
      {"keeptrusts_llm_first_token_seconds", "Time from the request's last byte to the first streamed event.",
       &Series::first_token}};
  for (const auto& [name, help, member] : kHistograms) {
    text.head(name, "histogram", help);
    each([&, name = name, member = member](const std::string& labels, const Sum& sum) {
      histogram<Series>(text, name, labels, sum, member);
    });
  }

  text.head("keeptrusts_gateway_in_flight", "gauge", "Requests being answered.");
  each([&](const std::string& labels, const Sum& sum) {
    text.sample("keeptrusts_gateway_in_flight", labels,
                sum([](const Series& series) -> const Counter& { return series.in_flight; }));
  });

  const auto each_policy = [&](const auto& visit) {
    for (std::size_t id = 0; id < policies_.size(); ++id) {
      visit("policy=\"" + quoted(policies_[id]) + "\"",
            [&](const std::function<const Counter&(const PolicySeries&)>& get) {
              std::uint64_t total = 0;
              for (const auto& shard : shards_) {
                if (id < shard->policies_.size() && shard->policies_[id])
                  total += get(*shard->policies_[id]).value();
              }
              return total;
            });
    }
  };
  text.head("keeptrusts_gateway_policy_evaluations_total", "counter",
            "Requests, replies and streams judged, by policy and result.");
  each_policy([&](const std::string& labels, const auto& sum) {
    for (std::size_t result = 0; result < kVerdictNames.size(); ++result) {
      const auto n = sum([&](const PolicySeries& series) -> const Counter& { return series.results[result]; });
      if (n > 0)
        text.sample("keeptrusts_gateway_policy_evaluations_total",
                    fmt::format("{},result=\"{}\"", labels, kVerdictNames[result]), n);
    }
  });
  text.head("keeptrusts_gateway_policy_seconds", "histogram", "Time a policy took for one request, reply or stream.");
  each_policy([&](const std::string& labels, const auto& sum) {
    histogram<PolicySeries>(text, "keeptrusts_gateway_policy_seconds", labels, sum, &PolicySeries::time);
  });
  return std::move(text.out);
}

}  // namespace kt::telemetry

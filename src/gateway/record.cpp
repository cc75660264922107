#include "gateway/record.hpp"

#include "kt/telemetry/log.hpp"

namespace kt::gateway {

static_assert(telemetry::kVerdictNames[static_cast<std::size_t>(policy::Verdict::escalate)] == "escalate");

AccessRecord::AccessRecord(Worker& worker, std::string_view path, const policy::ChainRun* policies)
    : request_id(make_request_id(system_clock().wall(), worker.random())),
      worker_(worker),
      snapshot_(worker.snapshot()),
      policies_(policies),
      path_(path),
      started_(system_clock().steady()) {}

void AccessRecord::chose(const Target& target) {
  if (target_ != nullptr) worker_.series(target_->series).in_flight.sub();
  target_ = &target;
  worker_.series(target.series).in_flight.add();
  ++attempts;
  attempt_began_ = system_clock().steady();
}

void AccessRecord::attempt_ended(const Target& target, int upstream_status, std::string_view error) {
  // One that never began, for want of a credential, took no time.
  const auto began = target_ == &target ? attempt_began_ : system_clock().steady();
  const std::chrono::duration<double, std::milli> took = system_clock().steady() - began;
  attempts_made_.push_back({target.config.id, upstream_status, error, took.count()});
}

void AccessRecord::spent(const llm::Usage& counted, const routing::Price& price) {
  usage = counted;
  estimated = false;
  if (price.known && usage.present) cost = routing::cost_of(price, usage);
}

void AccessRecord::estimate(std::int64_t input, std::uint64_t output, const routing::Price& price) {
  llm::Usage guess;
  guess.present = true;
  guess.input = static_cast<std::uint64_t>(std::max<std::int64_t>(input, 0));
  guess.output = output;
  spent(guess, price);
  estimated = true;
}

void AccessRecord::first_token() {
  if (first_token_.count() == 0) first_token_ = system_clock().steady() - started_;
}

telemetry::VerdictLabel AccessRecord::label() const {
  if (verdict) return *verdict;
  if (policies_ == nullptr) return telemetry::VerdictLabel::allow;
  return static_cast<telemetry::VerdictLabel>(policies_->verdict());
}

std::string_view AccessRecord::verdict_name() const {
  return telemetry::kVerdictNames[static_cast<std::size_t>(label())];
}

std::string_view AccessRecord::deciding_policy() const {
  const policy::Policy* deciding = policies_ == nullptr ? nullptr : policies_->deciding();
  return deciding == nullptr ? std::string_view() : deciding->kind();
}

void AccessRecord::count_policies() {
  if (content_filter.any()) {
    const bool blocked = content_filter.prompt_blocked || content_filter.answer_blocked;
    auto& results = worker_.policy(worker_.shared().content_filter_series).results;
    results[static_cast<std::size_t>(blocked ? telemetry::VerdictLabel::block : telemetry::VerdictLabel::allow)]
        .add();
  }
  if (policies_ == nullptr) return;
  for (const policy::PolicyReport& each : policies_->reports()) {
    telemetry::PolicySeries& series = worker_.policy(each.entry->series);
    const auto result = each.failed ? telemetry::VerdictLabel::error
                                    : static_cast<telemetry::VerdictLabel>(each.report.verdict);
    series.results[static_cast<std::size_t>(result)].add();
    series.time.observe(each.report.time);
    if (!each.report.log_level.empty()) log_find(each);
  }
}

// What a policy's configuration wants to see of its finds (`response.log_level`).
void AccessRecord::log_find(const policy::PolicyReport& find) const {
  const std::string_view level = find.report.log_level;
  telemetry::log(level == "error"  ? telemetry::Level::error
                 : level == "warn" ? telemetry::Level::warn
                 : level == "info" ? telemetry::Level::info
                                   : telemetry::Level::debug,
                 "policy_find",
                 {{"request_id", std::string_view(request_id)},
                  {"policy", find.entry->policy->kind()},
                  {"reason", find.report.reason},
                  {"score", static_cast<double>(find.report.score)}});
}

AccessRecord::~AccessRecord() {
  const auto total = system_clock().steady() - started_;
  telemetry::Series& series =
      worker_.series(target_ != nullptr ? target_->series : worker_.shared().no_target_series);
  series.count_request(status, label());
  series.latency.observe(total);
  series.overhead.observe(overhead());
  if (first_token_.count() != 0) series.first_token.observe(first_token_);
  series.input_tokens.add(usage.input);
  series.output_tokens.add(usage.output);
  series.cached_tokens.add(usage.cached);
  series.reasoning_tokens.add(usage.reasoning);
  if (cost) series.cost_pico_usd.add(static_cast<std::uint64_t>(*cost));
  if (target_ != nullptr) series.in_flight.sub();
  count_policies();
  close_audit();
  if (telemetry::log_enabled(telemetry::Level::debug) || status >= 500) write_log(total);
}

void AccessRecord::write_log(std::chrono::nanoseconds total) const {
  telemetry::log(status < 500 ? telemetry::Level::debug : telemetry::Level::warn, "request",
                 {{"request_id", std::string_view(request_id)},
                  {"path", path_},
                  {"status", static_cast<std::int64_t>(status)},
                  {"code", code},
                  {"verdict", verdict_name()},
                  {"target", target_ != nullptr ? std::string_view(target_->config.id) : std::string_view()},
                  {"attempts", static_cast<std::int64_t>(attempts)},
                  {"stream", static_cast<std::int64_t>(stream)},
                  {"input_tokens", static_cast<std::int64_t>(usage.input)},
                  {"output_tokens", static_cast<std::int64_t>(usage.output)},
                  {"latency_ms", std::chrono::duration<double, std::milli>(total).count()},
                  {"overhead_us", std::chrono::duration<double, std::micro>(overhead()).count()}});
}

}  // namespace kt::gateway

#include "gateway/record.hpp"

#include "kt/telemetry/log.hpp"

namespace kt::gateway {

AccessRecord::AccessRecord(Worker& worker, std::string_view path)
    : request_id(make_request_id(system_clock().wall(), worker.random())),
      worker_(worker),
      path_(path),
      started_(system_clock().steady()) {}

void AccessRecord::chose(const Target& target) {
  if (target_ != nullptr) worker_.series(target_->series).in_flight.sub();
  target_ = &target;
  worker_.series(target.series).in_flight.add();
  ++attempts;
}

void AccessRecord::first_token() {
  if (first_token_.count() == 0) first_token_ = system_clock().steady() - started_;
}

AccessRecord::~AccessRecord() {
  const auto total = system_clock().steady() - started_;
  telemetry::Series& series =
      worker_.series(target_ != nullptr ? target_->series : worker_.shared().no_target_series);
  series.count_request(status, verdict);
  series.latency.observe(total);
  series.overhead.observe(overhead());
  if (first_token_.count() != 0) series.first_token.observe(first_token_);
  series.input_tokens.add(usage.input);
  series.output_tokens.add(usage.output);
  series.cached_tokens.add(usage.cached);
  series.reasoning_tokens.add(usage.reasoning);
  if (target_ != nullptr) series.in_flight.sub();
  if (!telemetry::log_enabled(telemetry::Level::debug) && status < 500) return;
  telemetry::log(status < 500 ? telemetry::Level::debug : telemetry::Level::warn, "request",
                 {{"request_id", std::string_view(request_id)},
                  {"path", path_},
                  {"status", static_cast<std::int64_t>(status)},
                  {"code", code},
                  {"target", target_ != nullptr ? std::string_view(target_->config.id) : std::string_view()},
                  {"attempts", static_cast<std::int64_t>(attempts)},
                  {"stream", static_cast<std::int64_t>(stream)},
                  {"input_tokens", static_cast<std::int64_t>(usage.input)},
                  {"output_tokens", static_cast<std::int64_t>(usage.output)},
                  {"latency_ms", std::chrono::duration<double, std::milli>(total).count()},
                  {"overhead_us", std::chrono::duration<double, std::micro>(overhead()).count()}});
}

}  // namespace kt::gateway

#pragma once
// Lines of the audit trail as an OTLP/HTTP request of logs, JSON encoding (opentelemetry-proto 1.3,
// ExportLogsServiceRequest).

#include <string>
#include <vector>

namespace kt::gateway {

// Each line becomes one log record: the stored line as its body, what people search for as attributes.
std::string otlp_logs(const std::vector<std::string>& lines);

}  // namespace kt::gateway

// Copies of signed checkpoints for another owner's eyes. They are what proves that the end of a log was cut.
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include "audit/engine.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::audit {
namespace {

Status append_line(const std::string& path, std::string_view line) {
  auto fd = open_file(path, O_WRONLY | O_CREAT | O_APPEND);
  if (!fd) return fd.error();
  if (auto status = write_all(fd->get(), line, path); !status) return status;
  if (fdatasync(fd->get()) != 0) return file_error("cannot sync", path);
  return {};
}

}  // namespace

void Engine::witness(std::string_view line) {
  if (options_.witness_syslog)
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "kt-audit %.*s", static_cast<int>(line.size() - 1), line.data());
  if (options_.witness_file.empty()) return;
  const auto status = append_line(options_.witness_file, line);
  if (status.has_value() != witness_failed_) return;
  // Said once per outage, in the log itself too: whoever compares later knows why copies are missing.
  witness_failed_ = !status;
  telemetry::log(status ? telemetry::Level::info : telemetry::Level::error,
                 status ? "audit_witness_back" : "audit_witness_failed",
                 {{"path", std::string_view(options_.witness_file)}});
  keep_event(stamp(status ? "witness.back" : "witness.failed"));
}

}  // namespace kt::audit

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

// Copies what is on the disk: a copy of a line that a crash took back would accuse an honest log.
void Engine::tell_witness() {
  auto next = to_witness_.begin();
  for (; next != to_witness_.end() && next->first <= synced_bytes_; ++next) {
    const bool copied = copy_to_witness(next->second);
    if (copied != witness_failed_) continue;
    // Said once per outage, in the log itself too: whoever compares later knows why copies are missing.
    witness_failed_ = !copied;
    telemetry::log(copied ? telemetry::Level::info : telemetry::Level::error,
                   copied ? "audit_witness_back" : "audit_witness_failed",
                   {{"path", std::string_view(options_.witness_file)}});
    keep_event(stamp(copied ? "witness.back" : "witness.failed"));
  }
  to_witness_.erase(to_witness_.begin(), next);
}

bool Engine::copy_to_witness(std::string_view line) {
  if (options_.witness_syslog)
    syslog(LOG_AUTHPRIV | LOG_NOTICE, "kt-audit %.*s", static_cast<int>(line.size() - 1), line.data());
  return options_.witness_file.empty() || append_line(options_.witness_file, line).has_value();
}

}  // namespace kt::audit

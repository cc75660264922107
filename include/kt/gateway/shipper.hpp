#pragma once
// Takes the audit trail's lines to another place over HTTP, from the segment files, on a thread and a loop of
// its own: it never holds up a worker or the trail's writer. At least once: a line counts as delivered when
// the other side has answered with 2xx.

#include <map>
#include <memory>
#include <string>

#include "kt/audit/log.hpp"
#include "kt/base/result.hpp"

namespace kt::gateway {

struct Destination {
  enum class Kind : unsigned char {
    otlp_logs,  // all lines, as OTLP/HTTP logs in JSON
    witness,    // the signed lines, byte for byte, one a line
  } kind = Kind::otlp_logs;
  std::string url;  // https, or http to a loopback host
  std::map<std::string, std::string> headers;
  friend bool operator==(const Destination&, const Destination&) = default;
};

class Shipper {
 public:
  // The cursor is <state_dir>/audit-state/cursor-<digest of kind and url>.
  static Result<std::unique_ptr<Shipper>> start(std::shared_ptr<audit::Log> log, const std::string& state_dir,
                                                const Destination& destination);
  ~Shipper();  // cuts a delivery short; the next start delivers it again

 private:
  struct Impl;
  explicit Shipper(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kt::gateway

#pragma once
// The auditor's reading of a log: every byte of every segment, in constant memory. Nothing is changed.
// docs/audit-format.md says what is checked.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kt/base/clock.hpp"
#include "kt/base/result.hpp"

namespace kt::audit {

struct VerifyOptions {
  std::string state_dir = "./kt-state";
  std::string public_key;            // file; empty = the state directory's, else the one the log names
  std::string mac_key;               // file; empty = the state directory's mac-root.key, if it is there
  std::string witness;               // file of copied checkpoints; empty = none
  std::optional<WallTime> from, to;  // whole segments that touch this time
};

struct Fault {
  std::optional<std::uint64_t> seq;  // of the line, or the one expected there
  std::string segment;               // file name; empty = the log as a whole
  std::uint64_t offset = 0;
  std::string reason;
};

struct Verified {
  std::optional<Fault> fault;  // the first one; nothing behind it was looked at
  std::uint64_t segments = 0, lines = 0, bytes = 0, first_seq = 0, last_seq = 0;
  std::uint64_t accepted = 0, completed = 0, interrupted = 0;
  std::uint64_t checkpoints = 0;       // signed lines
  std::uint64_t after_checkpoint = 0;  // lines behind the last signed one
  std::uint64_t torn_bytes = 0;        // of an unfinished last line
  std::uint64_t witnessed = 0;         // copied checkpoints that were found in the log
  bool closed = false;
  bool partial = false;  // from/to left segments out
  bool mac_checked = false;
  std::string key_source;  // where the public key came from
};

// An error: something could not be read. A fault: it was read, and it is not what was written.
Result<Verified> verify_log(const VerifyOptions& options);

}  // namespace kt::audit

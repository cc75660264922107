#pragma once
// Reads a segment to go on behind it: where its chain stands, which requests are open, what of its tail is
// not usable. For the writer; verify.cpp is the auditor's reading.

#include <string>
#include <unordered_set>
#include <vector>

#include "audit/chain.hpp"
#include "audit/files.hpp"

namespace kt::audit {

struct Scan {
  ChainPoint point;              // behind the last good line
  std::uint64_t lines = 0;       // good ones
  std::uint64_t good_bytes = 0;  // up to and including the last good line
  std::uint64_t bad_bytes = 0;   // behind them
  bool damaged = false;          // a signed line stands behind the bad one: not a torn tail
  bool ended = false;
  std::uint64_t epoch = 0;  // of the line to come
  std::string log_id, previous, new_public_key;  // hex, of the last key.rotated; empty = none
  std::uint64_t previous_bytes = 0;
  std::unordered_set<std::string> open;
};

// Lines of the key's epoch and later are checked with it. An error: unreadable, or no usable first line.
Result<Scan> scan_segment(const SegmentFile& file, bool sealed, const Keys& keys);

}  // namespace kt::audit

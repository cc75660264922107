#pragma once
// What a policy saw: facts for the record, metrics and `kt policy explain`. Never a piece of the text.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kt::policy {

enum class Verdict : unsigned char { allow, redact, block, escalate };

enum class Phase : unsigned char { request, reply, stream };

// One policy in one phase of one exchange. Types, reasons and signals are static or owned by the policy.
struct Report {
  struct Count {
    std::string_view type;  // EMAIL, ...
    std::uint32_t count = 0;
  };
  struct Signal {
    std::string_view name;  // instruction_override, ...
    float weight = 0;
  };

  Verdict verdict = Verdict::allow;
  std::string_view reason;  // pii_detected, ...; empty = nothing found
  std::string_view
      log_level;     // of a find: debug, info, warn or error, at which it is to be logged; empty = not at all
  float score = -1;  // of policies that score; the highest of all lanes; -1 = none
  std::vector<Count> counts;    // what was found, by type
  std::vector<Signal> signals;  // the strongest first
  std::uint64_t released = 0;   // stream: bytes of text that had passed when the verdict fell
  std::chrono::nanoseconds time{0};

  void count(std::string_view type) {
    for (Count& each : counts) {
      if (each.type == type) {
        ++each.count;
        return;
      }
    }
    counts.push_back({type, 1});
  }
};

}  // namespace kt::policy

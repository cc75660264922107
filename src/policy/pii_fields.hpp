#pragma once
// The pii-detector's block as values.

#include <memory>
#include <vector>

#include "kt/policy/make.hpp"
#include "kt/text/window.hpp"
#include "policy/pii_marker.hpp"

namespace kt::policy {

// Kinds of the finder: an Entity, then what is below.
inline constexpr std::uint16_t kFirstPattern = 256;   // detect_patterns
inline constexpr std::uint16_t kMarkerLike = 0xffff;  // a text that looks like one of our numbered markers

struct PiiFields {
  std::unique_ptr<text::Finder> finder;
  Verdict action = Verdict::redact;
  MarkerStyle style;
  bool metadata = true, restore = false, buffered = false;
};

// An empty finder after a problem.
PiiFields read_pii_fields(const config::PolicyBlock& block, std::vector<Problem>& problems);

// EMAIL, CUSTOM, ...: the type of a kind.
std::string_view type_of(std::uint16_t kind);

}  // namespace kt::policy

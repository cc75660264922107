#pragma once
#include "config/check.hpp"

namespace kt::config {

// Checked JSON into plain values. Only called when there was no error, so every type is right.
Config bind_config(const Json& root, const Checker& checker);

// What only shows across fields: references, uniqueness, URLs, header values. Adds diagnostics.
void cross_check(const Json& root, Checker& checker);
void cross_check_routing(const Json& root, Checker& checker);

}  // namespace kt::config

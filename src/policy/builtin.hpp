#pragma once
// One maker per policy kind; called by the table in builtin.cpp alone.

#include "kt/policy/make.hpp"

namespace kt::policy {}  // namespace kt::policy

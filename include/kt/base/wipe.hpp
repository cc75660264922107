#pragma once

#include <string>

namespace kt {

// Overwrites a string's memory, its spare capacity too, and empties it.
void wipe(std::string& text) noexcept;

}  // namespace kt

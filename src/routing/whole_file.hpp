#pragma once
// A small file that is always whole: written beside, synced, renamed. Blocks; not for workers.

#include <filesystem>
#include <string>

#include "kt/base/result.hpp"

namespace kt::routing {

Result<std::string> read_whole(const std::filesystem::path& file);  // missing = empty
Status write_whole(const std::filesystem::path& file, const std::string& text);

}  // namespace kt::routing

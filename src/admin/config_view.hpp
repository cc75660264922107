#pragma once
#include <nlohmann/json_fwd.hpp>

#include "kt/config/config.hpp"

namespace kt::admin {

// The configuration in force, without any secret: references are shown, values never.
nlohmann::ordered_json config_view(const config::Config& config);

}  // namespace kt::admin

#pragma once
#include "kt/provider/provider.hpp"

namespace kt::provider {
const Provider& openai();
}  // namespace kt::provider

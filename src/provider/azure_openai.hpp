#pragma once
#include "kt/provider/provider.hpp"

namespace kt::provider {
const Provider& azure_openai();
}  // namespace kt::provider

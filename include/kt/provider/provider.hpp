#pragma once
// How a provider is spoken to. Pure: configuration in, bytes out. One file per provider; builtin.cpp is the
// table.

#include <optional>
#include <string>
#include <string_view>

#include "kt/base/result.hpp"
#include "kt/base/secret.hpp"
#include "kt/config/config.hpp"
#include "kt/llm/endpoint.hpp"

namespace kt::provider {

// What the upstream's `model` field must say; nullopt = the client's value is fine whatever it is (Azure's
// dated surface).
struct ModelField {
  std::optional<std::string> required;
};

// Where requests of one endpoint go: origin-form target, percent-encoded.
class Provider {
 public:
  virtual ~Provider() = default;

  // The label of metrics and records.
  [[nodiscard]] virtual std::string_view name() const = 0;

  // Path and query for an endpoint, or an error when the provider does not have it.
  [[nodiscard]] virtual Result<std::string> path(const config::Target& target,
                                                 llm::Endpoint endpoint) const = 0;

  [[nodiscard]] virtual ModelField model_field(const config::Target& target) const = 0;

  // Where the key goes by default: header name and prefix.
  struct Credential {
    std::string_view header, prefix;
  };
  [[nodiscard]] virtual Credential credential(const config::Target& target, const Secret& secret) const = 0;

  // Does this surface take stream_options.include_usage? (Azure: by api-version.)
  [[nodiscard]] virtual bool takes_include_usage(const config::Target& target) const = 0;
};

const Provider& provider_of(config::ProviderKind kind);

// Header name and prefix for a target: its own settings first, then the provider's.
Provider::Credential credential_of(const config::Target& target, const Secret& secret);

// What a target's default secret is when the configuration names none.
config::SecretRef default_secret(config::ProviderKind kind);

}  // namespace kt::provider

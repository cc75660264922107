// The table of providers.
#include "kt/provider/provider.hpp"
#include "provider/azure_openai.hpp"
#include "provider/openai.hpp"

namespace kt::provider {

const Provider& provider_of(config::ProviderKind kind) {
  switch (kind) {
    case config::ProviderKind::azure_openai:
      return azure_openai();
    case config::ProviderKind::openai:
      return openai();
  }
  return openai();
}

Provider::Credential credential_of(const config::Target& target, const Secret& secret) {
  Provider::Credential credential = provider_of(target.provider).credential(target, secret);
  if (target.api_key_header) credential = {*target.api_key_header, ""};
  if (target.api_key_header && target.provider == config::ProviderKind::openai) credential.prefix = "Bearer ";
  if (target.api_key_prefix) credential.prefix = *target.api_key_prefix;
  return credential;
}

config::SecretRef default_secret(config::ProviderKind kind) {
  return {config::SecretRef::Kind::env,
          kind == config::ProviderKind::openai ? "OPENAI_API_KEY" : "AZURE_OPENAI_API_KEY"};
}

}  // namespace kt::provider

// Azure OpenAI: the dated surface (/openai/deployments/...?api-version=) and the v1 surface (/openai/v1/...).
#include "provider/azure_openai.hpp"

#include "kt/http/url.hpp"

namespace kt::provider {
namespace {

// The endpoint's own path below a deployment or below /openai/v1.
std::string_view tail(llm::Endpoint endpoint) {
  switch (endpoint) {
    case llm::Endpoint::chat:
      return "chat/completions";
    case llm::Endpoint::completions:
      return "completions";
    case llm::Endpoint::embeddings:
      return "embeddings";
    case llm::Endpoint::responses:
      return "responses";
    case llm::Endpoint::images_generations:
      return "images/generations";
    case llm::Endpoint::images_edits:
      return "images/edits";
    case llm::Endpoint::audio_transcriptions:
      return "audio/transcriptions";
    case llm::Endpoint::audio_translations:
      return "audio/translations";
    case llm::Endpoint::audio_speech:
      return "audio/speech";
    case llm::Endpoint::models:
      return "models";
  }
  return {};
}

bool is_v1(const config::Target& target) {
  return target.azure_api_version == "v1" || target.azure_api_version == "preview";
}

// Responses and models live on the resource, everything else on a deployment.
bool on_resource(llm::Endpoint endpoint) {
  return endpoint == llm::Endpoint::responses || endpoint == llm::Endpoint::models;
}

// eyJ..., three parts: an Entra token that was put where a key is expected.
bool looks_like_token(std::string_view secret) {
  if (!secret.starts_with("eyJ")) return false;
  int dots = 0;
  for (const char c : secret) dots += c == '.';
  return dots == 2;
}

class AzureOpenAi final : public Provider {
 public:
  std::string_view name() const override { return "azure-openai"; }

  Result<std::string> path(const config::Target& target, llm::Endpoint endpoint) const override {
    const auto deployment = http::encode_segment(target.azure_deployment);
    if (!deployment) return Error{Code::bad_request, "the deployment name cannot stand in a URL"};
    const std::string version = "api-version=" + target.azure_api_version;
    if (!target.path_template.empty()) {
      std::string path = target.path_template;
      const std::string_view hole = "{deployment}";
      if (const auto at = path.find(hole); at != path.npos) path.replace(at, hole.size(), *deployment);
      if (path.find("api-version=") != path.npos) return path;
      return path + (path.find('?') == path.npos ? "?" : "&") + version;
    }
    if (is_v1(target))
      return "/openai/v1/" + std::string(tail(endpoint)) +
             (target.azure_api_version == "preview" ? "?" + version : "");
    if (on_resource(endpoint)) return "/openai/" + std::string(tail(endpoint)) + "?" + version;
    return "/openai/deployments/" + *deployment + "/" + std::string(tail(endpoint)) + "?" + version;
  }

  ModelField model_field(const config::Target& target) const override {
    if (is_v1(target)) return {target.azure_deployment};
    return {};
  }

  Credential credential(const config::Target&, const Secret& secret) const override {
    if (looks_like_token(secret.reveal())) return {"authorization", "Bearer "};
    return {"api-key", ""};
  }

  // 2024-08-01-preview has the schema unwired; 2024-09-01-preview and later take it.
  bool takes_include_usage(const config::Target& target) const override {
    return is_v1(target) || target.azure_api_version >= "2024-09-01";
  }
};

}  // namespace

const Provider& azure_openai() {
  static const AzureOpenAi instance;
  return instance;
}

}  // namespace kt::provider

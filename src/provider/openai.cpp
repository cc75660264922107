// OpenAI's own API and what speaks like it: <base>/v1/..., Bearer keys, the model in the body.
#include "provider/openai.hpp"

namespace kt::provider {
namespace {

std::string_view tail(llm::Endpoint endpoint) {
  switch (endpoint) {
    case llm::Endpoint::chat:
      return "/chat/completions";
    case llm::Endpoint::completions:
      return "/completions";
    case llm::Endpoint::embeddings:
      return "/embeddings";
    case llm::Endpoint::responses:
      return "/responses";
    case llm::Endpoint::images_generations:
      return "/images/generations";
    case llm::Endpoint::images_edits:
      return "/images/edits";
    case llm::Endpoint::audio_transcriptions:
      return "/audio/transcriptions";
    case llm::Endpoint::audio_translations:
      return "/audio/translations";
    case llm::Endpoint::audio_speech:
      return "/audio/speech";
    case llm::Endpoint::models:
      return "/models";
  }
  return {};
}

class OpenAi final : public Provider {
 public:
  std::string_view name() const override { return "openai"; }

  // base_url may or may not end in /v1; its prefix is put in front by the caller.
  Result<std::string> path(const config::Target& target, llm::Endpoint endpoint) const override {
    const bool has_version = target.base_url.ends_with("/v1");
    return (has_version ? std::string() : std::string("/v1")) + std::string(tail(endpoint));
  }

  ModelField model_field(const config::Target& target) const override { return {target.model}; }
  Credential credential(const config::Target&, const Secret&) const override {
    return {"authorization", "Bearer "};
  }
  bool takes_include_usage(const config::Target&) const override { return true; }
};

}  // namespace

const Provider& openai() {
  static const OpenAi instance;
  return instance;
}

}  // namespace kt::provider

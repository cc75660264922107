#include "kt/provider/provider.hpp"

#include <gtest/gtest.h>

namespace kt::provider {
namespace {

config::Target azure(std::string version = "2024-10-21") {
  config::Target target;
  target.model = "gpt-4o";
  target.azure_deployment = "dep";
  target.azure_api_version = std::move(version);
  return target;
}

const Provider& azure_openai() { return provider_of(config::ProviderKind::azure_openai); }

std::string path(const config::Target& target, llm::Endpoint endpoint = llm::Endpoint::chat) {
  return *azure_openai().path(target, endpoint);
}

TEST(Azure, HasADatedAndAV1Surface) {
  EXPECT_EQ(path(azure()), "/openai/deployments/dep/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(path(azure(), llm::Endpoint::responses), "/openai/responses?api-version=2024-10-21");
  EXPECT_EQ(path(azure("v1")), "/openai/v1/chat/completions");
  EXPECT_EQ(path(azure("preview")), "/openai/v1/chat/completions?api-version=preview");
}

TEST(Azure, FillsATemplate) {
  config::Target target = azure();
  target.path_template = "/x/{deployment}/chat";
  EXPECT_EQ(path(target), "/x/dep/chat?api-version=2024-10-21");
  target.path_template = "/x/{deployment}?a=b";
  EXPECT_EQ(path(target), "/x/dep?a=b&api-version=2024-10-21");
  target.path_template = "/x/{deployment}?api-version=mine";
  EXPECT_EQ(path(target), "/x/dep?api-version=mine");
}

TEST(Azure, OnlyTheV1SurfaceNeedsTheDeploymentAsModel) {
  EXPECT_FALSE(azure_openai().model_field(azure()).required);
  EXPECT_EQ(azure_openai().model_field(azure("v1")).required, "dep");
}

TEST(Azure, AKeyAndATokenTravelDifferently) {
  EXPECT_EQ(credential_of(azure(), Secret("abc123")).header, "api-key");
  const auto token = credential_of(azure(), Secret("eyJhbGciOi.eyJhIjo.c2ln"));
  EXPECT_EQ(token.header, "authorization");
  EXPECT_EQ(token.prefix, "Bearer ");
  config::Target own = azure();
  own.api_key_header = "x-key";
  own.api_key_prefix = "Key ";
  EXPECT_EQ(credential_of(own, Secret("eyJ.a.b")).header, "x-key");
  EXPECT_EQ(credential_of(own, Secret("eyJ.a.b")).prefix, "Key ");
}

TEST(OpenAi, IsSpokenToWithABearer) {
  const Provider& openai = provider_of(config::ProviderKind::openai);
  config::Target target;
  target.model = "gpt-4o";
  EXPECT_EQ(*openai.path(target, llm::Endpoint::embeddings), "/v1/embeddings");
  EXPECT_EQ(openai.credential(target, Secret("k")).prefix, "Bearer ");
  EXPECT_EQ(openai.model_field(target).required, "gpt-4o");
}

}  // namespace
}  // namespace kt::provider

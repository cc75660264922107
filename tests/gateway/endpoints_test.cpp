#include "kt/gateway/endpoints.hpp"

#include <gtest/gtest.h>

namespace kt::gateway {
namespace {

TEST(Endpoints, EverySpellingOfTheContractIsKnown) {
  struct Expected {
    const char* path;
    llm::Endpoint endpoint;
    Surface surface;
    const char* name;
  };
  for (const Expected& each :
       {Expected{"/v1/chat/completions", llm::Endpoint::chat, Surface::openai, ""},
        Expected{"/chat/completions", llm::Endpoint::chat, Surface::openai, ""},
        Expected{"/v1/embeddings", llm::Endpoint::embeddings, Surface::openai, ""},
        Expected{"/openai/v1/completions", llm::Endpoint::completions, Surface::azure_v1, ""},
        Expected{"/openai/deployments/my%20dep/embeddings", llm::Endpoint::embeddings, Surface::azure_dated,
                 "my dep"}}) {
    const Match found = match(http::Method::post, each.path);
    ASSERT_TRUE(found.route) << each.path;
    EXPECT_EQ(found.route->endpoint, each.endpoint) << each.path;
    EXPECT_EQ(found.route->surface, each.surface) << each.path;
    EXPECT_EQ(found.route->name, each.name);
  }
}

TEST(Endpoints, OddSpellingsAreUnknown) {
  for (const char* path :
       {"", "/", "/v1", "/v1/", "//v1/chat/completions", "/v1//chat/completions", "/v1/chat/completions/",
        "/V1/chat/completions", "/v1/chat%2fcompletions", "/v1/./chat/completions",
        "/v1/x/../chat/completions", "/openai/deployments//chat/completions",
        "/openai/deployments/a/b/chat/completions", "/openai/deployments/%2e%2e/chat/completions",
        "/openai/deployments/a%2fb/chat/completions", "/v1/files", "/metrics/", "/keeptrusts", "*"}) {
    EXPECT_FALSE(match(http::Method::post, path).route) << path;
    EXPECT_FALSE(match(http::Method::get, path).route) << path;
  }
}

TEST(Endpoints, AWrongMethodIsToldFromAnUnknownPath) {
  EXPECT_TRUE(match(http::Method::get, "/v1/chat/completions").wrong_method);
  EXPECT_EQ(match(http::Method::get, "/v1/chat/completions").allow, "POST");
  EXPECT_TRUE(match(http::Method::post, "/metrics").wrong_method);
  EXPECT_FALSE(match(http::Method::get, "/nothing").wrong_method);
}

}  // namespace
}  // namespace kt::gateway

#pragma once
// An Azure OpenAI resource in one process: deterministic by seed, with the service's oddities and switchable
// faults. For tests, demos and ./kt up. Shares no code with the provider client beyond base/ and http/.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kt/base/result.hpp"

namespace kt::simulator {

struct Options {
  std::string listen = "127.0.0.1:41100";
  std::string api_key = "simulator-key";
  std::string bearer;  // also accepted when set
  std::vector<std::string> deployments{
      "gpt-4o", "gpt-4o-mini", "gpt-35-turbo", "o3-mini", "text-embedding-3-small", "text-embedding-ada-002"};
  std::string region = "Simulated Region";
  std::uint64_t seed = 1;
  std::uint32_t ttft_ms = 0;     // time to first token
  double tokens_per_second = 0;  // 0 = at once
  std::uint32_t rpm = 0;         // 0 = unlimited
  bool async_filter = false;     // annotations come as events of their own
  std::string fault;             // for every request, in the words of a `simulate:` directive
  bool tls = false;
  std::string tls_cert_out;  // where the generated certificate is written
};

// Binds and serves on threads of its own until destroyed.
class Simulator {
 public:
  static Result<std::unique_ptr<Simulator>> start(const Options& options);
  ~Simulator();
  [[nodiscard]] std::string url() const;

 private:
  struct Impl;
  explicit Simulator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kt::simulator

#pragma once
// Where secrets come from at request time. Read anew for every request, so a rotated file or variable counts
// at once.

#include <memory>
#include <string>
#include <unordered_map>

#include "kt/base/result.hpp"
#include "kt/base/secret.hpp"
#include "kt/config/config.hpp"

namespace kt::credential {

class SecretSource {
 public:
  virtual ~SecretSource() = default;
  // The secret, trailing line ends removed; an error names where it was looked for, never its value.
  [[nodiscard]] virtual Result<Secret> read(const config::SecretRef& ref) = 0;
};

// Environment, files, and `store: NAME` as a file of that name in `secrets_dir`. A file is stat'ed on each
// read and read again when it changed. Not thread-safe: one per worker.
class SystemSecrets final : public SecretSource {
 public:
  explicit SystemSecrets(std::string secrets_dir) : secrets_dir_(std::move(secrets_dir)) {}
  [[nodiscard]] Result<Secret> read(const config::SecretRef& ref) override;

 private:
  struct CachedFile;
  [[nodiscard]] Result<Secret> read_file(const std::string& path);
  std::string secrets_dir_;
  std::unordered_map<std::string, std::shared_ptr<CachedFile>> files_;
};

}  // namespace kt::credential

#include "kt/credential/secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace kt::credential {
namespace {

constexpr std::size_t kMaxSecret = 64u << 10;

Error missing(std::string where) {
  return {Code::upstream_credential, "the target's credential is not available", std::move(where)};
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

struct SystemSecrets::CachedFile {
  struct stat seen{};
  Secret secret;
};

Result<Secret> SystemSecrets::read(const config::SecretRef& ref) {
  switch (ref.kind) {
    case config::SecretRef::Kind::env: {
      const char* value = std::getenv(ref.name.c_str());
      if (value == nullptr || *value == '\0')
        return missing("environment variable " + ref.name + " is not set");
      return Secret(value);
    }
    case config::SecretRef::Kind::file:
      return read_file(ref.name);
    case config::SecretRef::Kind::store:
      return read_file(secrets_dir_ + "/" + ref.name);
    case config::SecretRef::Kind::literal:
      return Secret(ref.name);
    case config::SecretRef::Kind::none:
      break;
  }
  return missing("no secret is configured");
}

Result<Secret> SystemSecrets::read_file(const std::string& path) {
  struct stat now{};
  if (::stat(path.c_str(), &now) != 0) {
    files_.erase(path);
    return missing("file " + path + " cannot be read");
  }
  auto& cached = files_[path];
  if (cached && same(cached->seen, now)) return cached->secret;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return missing("file " + path + " cannot be read");
  std::string text(kMaxSecret, '\0');
  const ssize_t n = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (n <= 0) return missing("file " + path + " is empty");
  text.resize(static_cast<std::size_t>(n));
  cached = std::make_shared<CachedFile>();
  cached->seen = now;
  cached->secret = Secret(trimmed(std::move(text)));
  return cached->secret;
}

}  // namespace kt::credential

#include "kt/audit/keys.hpp"

#include <openssl/crypto.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>

#include "audit/files.hpp"
#include "kt/base/hash.hpp"

namespace kt::audit {
namespace {

constexpr std::string_view kSigning = "kt-audit-signing-key ", kPublic = "kt-audit-public-key ",
                           kMac = "kt-audit-mac-key ", kDigest = "kt-audit-digest-key ",
                           kLast = "kt-audit-last-segment ";

const std::string kNext = "/next-signing.key";

// In the order they are made: signing.key, the last one, says that all are there.
constexpr const char* kNames[] = {"public.key", "mac-root.key", "mac-current.key", "digest.key",
                                  "signing.key"};

Error unusable(const std::string& path) { return {Code::internal, path + " is not a key file of this kind"}; }

// The text between `prefix` and the line feed of a file of one line.
Result<std::string> only_line(const std::string& path, std::string_view prefix) {
  auto text = read_small(path);
  if (!text) return text.error();
  if (!text->starts_with(prefix) || !text->ends_with('\n') || text->find('\n') + 1 != text->size())
    return unusable(path);
  return text->substr(prefix.size(), text->size() - prefix.size() - 1);
}

Result<Seed> read_seed(const std::string& path, std::string_view prefix) {
  auto text = only_line(path, prefix);
  if (!text) return text.error();
  Seed seed{};
  const bool good = from_hex(*text, seed.data(), seed.size());
  OPENSSL_cleanse(text->data(), text->size());
  if (!good) return unusable(path);
  return seed;
}

std::string line_of(std::string_view prefix, const Digest& bytes) {
  return std::string(prefix) + hex(bytes) + "\n";
}

std::string mac_line(const MacKey& key) {
  return std::string(kMac) + std::to_string(key.epoch) + " " + hex(key.key) + "\n";
}

std::string public_lines(const std::vector<PublicKey>& keys) {
  std::string text;
  for (const PublicKey& key : keys) text += line_of(kPublic, key);
  return text;
}

Status create_keys(const std::string& directory) {
  Seed seed{}, digest{};
  MacKey root;
  random_bytes(seed.data(), seed.size());
  random_bytes(digest.data(), digest.size());
  random_bytes(root.key.data(), root.key.size());
  auto signing = SigningKey::from_seed(seed);
  if (!signing) return signing.error();
  const std::string texts[] = {public_lines({signing->public_key()}), mac_line(root), mac_line(root),
                               line_of(kDigest, digest), line_of(kSigning, seed)};
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (auto status = replace_file(directory + "/" + kNames[i], texts[i], 0600); !status) return status;
  }
  OPENSSL_cleanse(seed.data(), seed.size());
  return {};
}

// public.key names the prepared key: only the last step is missing.
Status finish_adoption(const std::string& directory) {
  const auto prepared = prepared_signing_key(directory);
  if (!prepared) return prepared.error();
  if (!*prepared) return {};
  const auto trusted = read_public_keys(directory + "/public.key");
  if (!trusted) return trusted.error();
  if (trusted->back() != (*prepared)->public_key()) return {};
  const std::string path = directory + "/signing.key";
  if (rename((directory + kNext).c_str(), path.c_str()) != 0) return file_error("cannot rename to", path);
  return sync_directory(directory);
}

Result<Keys> load_keys(const std::string& directory) {
  if (auto status = finish_adoption(directory); !status) return status.error();
  auto seed = read_seed(directory + "/signing.key", kSigning);
  if (!seed) return seed.error();
  auto signing = SigningKey::from_seed(*seed);
  OPENSSL_cleanse(seed->data(), seed->size());
  if (!signing) return signing.error();
  auto trusted = read_public_keys(directory + "/public.key");
  if (!trusted) return trusted.error();
  if (trusted->back() != signing->public_key())
    return Error{Code::internal, directory + "/public.key does not belong to signing.key"};
  auto current = read_mac_key(directory + "/mac-current.key");
  if (!current) return current.error();
  auto digest = read_seed(directory + "/digest.key", kDigest);
  if (!digest) return digest.error();
  return Keys{std::move(*signing), std::move(*trusted), *current,
              std::string(reinterpret_cast<const char*>(digest->data()), digest->size())};
}

}  // namespace

MacKey::~MacKey() { OPENSSL_cleanse(key.data(), key.size()); }

void MacKey::advance() {
  key = Hmac(view(key)).of("kt-audit-next-epoch");
  ++epoch;
}

std::string state_directory(const std::string& state_dir) { return state_dir + "/audit-state"; }
std::string record_directory(const std::string& state_dir) { return state_dir + "/audit"; }

bool keys_exist(const std::string& directory) {
  return access((directory + "/signing.key").c_str(), F_OK) == 0;
}

Result<Keys> load_or_create_keys(const std::string& directory) {
  if (!keys_exist(directory)) {
    if (auto status = create_keys(directory); !status) return status.error();
  }
  return load_keys(directory);
}

Status store_last_segment(const std::string& directory, std::uint64_t number) {
  return replace_file(directory + "/last-segment", std::string(kLast) + std::to_string(number) + "\n", 0600);
}

Result<std::uint64_t> read_last_segment(const std::string& path) {
  auto text = only_line(path, kLast);
  if (!text) return text.error();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return unusable(path);
  return number;
}

Status store_mac_key(const std::string& directory, const MacKey& key) {
  std::string text = mac_line(key);
  auto status = replace_file(directory + "/mac-current.key", text, 0600);
  OPENSSL_cleanse(text.data(), text.size());
  return status;
}

Result<SigningKey> prepare_signing_key(const std::string& directory) {
  Seed seed{};
  random_bytes(seed.data(), seed.size());
  auto signing = SigningKey::from_seed(seed);
  if (!signing) return signing.error();
  const auto status = replace_file(directory + kNext, line_of(kSigning, seed), 0600);
  OPENSSL_cleanse(seed.data(), seed.size());
  if (!status) return status.error();
  return signing;
}

Result<std::optional<SigningKey>> prepared_signing_key(const std::string& directory) {
  const std::string path = directory + kNext;
  if (access(path.c_str(), F_OK) != 0) return std::optional<SigningKey>();
  auto seed = read_seed(path, kSigning);
  if (!seed) return seed.error();
  auto signing = SigningKey::from_seed(*seed);
  OPENSSL_cleanse(seed->data(), seed->size());
  if (!signing) return signing.error();
  return std::optional<SigningKey>(std::move(*signing));
}

Status adopt_signing_key(const std::string& directory, const SigningKey& prepared,
                         std::vector<PublicKey>& trusted) {
  trusted.push_back(prepared.public_key());
  if (auto status = replace_file(directory + "/public.key", public_lines(trusted), 0600); !status)
    return status;
  return finish_adoption(directory);
}

Status drop_signing_key(const std::string& directory) {
  const std::string path = directory + kNext;
  if (unlink(path.c_str()) != 0) return file_error("cannot remove", path);
  return sync_directory(directory);
}

Result<std::vector<PublicKey>> read_public_keys(const std::string& path) {
  auto text = read_small(path);
  if (!text) return text.error();
  std::vector<PublicKey> keys;
  std::string_view left = *text;
  while (!left.empty()) {
    const std::size_t end = left.find('\n');
    const std::string_view line = left.substr(0, end);
    PublicKey key{};
    if (end == left.npos || !line.starts_with(kPublic) ||
        !from_hex(line.substr(kPublic.size()), key.data(), key.size()))
      return unusable(path);
    keys.push_back(key);
    left.remove_prefix(end + 1);
  }
  if (keys.empty()) return unusable(path);
  return keys;
}

Result<MacKey> read_mac_key(const std::string& path) {
  auto text = only_line(path, kMac);
  if (!text) return text.error();
  MacKey key;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), key.epoch);
  const auto digits = static_cast<std::size_t>(end - text->data());
  const bool good = error == std::errc() && digits < text->size() && *end == ' ' &&
                    from_hex(std::string_view(*text).substr(digits + 1), key.key.data(), key.key.size());
  OPENSSL_cleanse(text->data(), text->size());
  if (!good) return unusable(path);
  return key;
}

}  // namespace kt::audit

// `kt audit keygen` and `kt audit rotate`
#include <cstdio>
#include <filesystem>

#include "cli/command.hpp"
#include "kt/audit/keys.hpp"
#include "kt/audit/log.hpp"

namespace kt::cli {
namespace {

int complain(const std::string& what) {
  std::fprintf(stderr, "kt: %s\n", what.c_str());
  return 1;
}

std::string hex_of(const PublicKey& key) {
  return hex(std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
}

int keygen(const std::string& state_dir) {
  const std::string directory = audit::state_directory(state_dir);
  if (audit::keys_exist(directory))
    return complain(directory + " has keys already; they are never overwritten");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return complain("cannot create " + directory + ": " + error.message());
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  const auto keys = audit::load_or_create_keys(directory);
  if (!keys) return complain(keys.error().message);
  std::printf("keys: %s\npublic key: %s\n", directory.c_str(), hex_of(keys->trusted.back()).c_str());
  std::printf(
      "keep public.key elsewhere too, and move mac-root.key to whoever verifies: the gateway does not need "
      "it\n");
  return 0;
}

int rotate(const std::string& state_dir) {
  if (!audit::keys_exist(audit::state_directory(state_dir)))
    return complain("there is no audit log in " + state_dir);
  audit::Options options;
  options.state_dir = state_dir;
  const auto key = audit::rotate_signing_key(options);
  if (!key) return complain(key.error().message);
  std::printf("public key: %s\n", hex_of(*key).c_str());
  return 0;
}

}  // namespace

void add_audit_keygen(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "audit", "the audit log")
                          .add_subcommand("keygen", "make the log's keys before its first start");
  auto state_dir = std::make_shared<std::string>("./kt-state");
  command->add_option("--state-dir", *state_dir, "the gateway's state directory")->capture_default_str();
  command->callback([state_dir, &exit_code] { exit_code = keygen(*state_dir); });
}

void add_audit_rotate(CLI::App& app, int& exit_code) {
  CLI::App* command = group(app, "audit", "the audit log")
                          .add_subcommand("rotate", "change the signing key of a stopped gateway's log");
  auto state_dir = std::make_shared<std::string>("./kt-state");
  command->add_option("--state-dir", *state_dir, "the gateway's state directory")->capture_default_str();
  command->callback([state_dir, &exit_code] { exit_code = rotate(*state_dir); });
}

}  // namespace kt::cli

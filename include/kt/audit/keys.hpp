#pragma once
// The keys of an audit log. They live in <state-dir>/audit-state, mode 0600, one line of text each
// (docs/audit-format.md):
//   signing.key      Ed25519 seed; signs checkpoints
//   public.key       its public key; after a rotation one line per key, the oldest first
//   mac-root.key     MAC key of epoch 0; only a verifier needs it: move it to another machine
//   mac-current.key  MAC key of the epoch being written; replaced, not kept, when the epoch ends
//   digest.key       keys the digests of prompts and completions
//   next-signing.key only between the steps of a rotation
//   last-segment     no key: the number of the newest segment

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kt/base/crypto.hpp"
#include "kt/base/signature.hpp"

namespace kt::audit {

struct MacKey {
  std::uint64_t epoch = 0;
  Digest key{};

  void advance();  // one epoch on; the old key is gone
  MacKey() = default;
  MacKey(const MacKey&) = default;
  MacKey& operator=(const MacKey&) = default;
  ~MacKey();  // wipes
};

struct Keys {
  SigningKey signing;
  std::vector<PublicKey> trusted;  // the oldest first; the last one is signing's
  MacKey current;
  std::string digest_key;
};

std::string state_directory(const std::string& state_dir);   // <state-dir>/audit-state
std::string record_directory(const std::string& state_dir);  // <state-dir>/audit

// Makes the five files when there is no signing.key.
Result<Keys> load_or_create_keys(const std::string& directory);
bool keys_exist(const std::string& directory);

Status store_mac_key(const std::string& directory, const MacKey& key);

// The number of the newest segment that exists, beside the log: a verifier sees that the last ones were taken
// away.
Status store_last_segment(const std::string& directory, std::uint64_t number);
Result<std::uint64_t> read_last_segment(const std::string& path);

// A rotation: the new key is prepared, the log names it in a line signed with the old one, and it is adopted
// (public.key, then signing.key). What a crash leaves between two steps is adopted by the next start when the
// log names the key, and dropped when it does not.
Result<SigningKey> prepare_signing_key(const std::string& directory);
Result<std::optional<SigningKey>> prepared_signing_key(const std::string& directory);
Status adopt_signing_key(const std::string& directory, const SigningKey& prepared, std::vector<PublicKey>& trusted);
Status drop_signing_key(const std::string& directory);

// What a verifier reads.
Result<std::vector<PublicKey>> read_public_keys(const std::string& path);
Result<MacKey> read_mac_key(const std::string& path);

}  // namespace kt::audit

#pragma once
// The values that redaction took out of one exchange, and their numbered markers: what a model makes of
// "[EMAIL_1]" can be turned back. Values are wiped with the vault and are never written anywhere else.

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "kt/policy/policy.hpp"

namespace kt::policy {

// Of one exchange; one thread.
class Vault {
 public:
  static constexpr std::size_t kMostValues = 1024, kMostBytes = 1 << 20;

  Vault() = default;
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  ~Vault();

  // The marker of a value: [EMAIL_1], the same for the same value of the same type. Empty: the vault is full.
  // `type` is static or outlives the vault. The result lives as long as the vault.
  std::string_view marker(std::string_view type, std::string_view value);

  // The value that `marker` stands for; null data: this vault did not make it.
  [[nodiscard]] std::string_view value(std::string_view marker) const;

  // Whether a marker of this vault begins with `text`.
  [[nodiscard]] bool begins_marker(std::string_view text) const;

  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::string_view type;
    std::string value, marker;
  };
  std::list<Entry> entries_;  // markers are lent out; an empty list costs nothing
  std::size_t bytes_ = 0;
};

// Puts the values back into a reply's or a stream's text; a marker may come in pieces. Markers that the vault
// did not make stay. The vault outlives the stage.
std::unique_ptr<Stage> make_restore(const Vault& vault);

}  // namespace kt::policy

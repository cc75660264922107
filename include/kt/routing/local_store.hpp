#pragma once
// The store of one process: atomics only, so no worker ever waits for another.

#include <filesystem>

#include "kt/base/random.hpp"
#include "kt/base/result.hpp"
#include "kt/routing/state_store.hpp"

namespace kt::routing {

class LocalStore final : public StateStore {
 public:
  // Up to about 16,000 windows are counted at a time (1.2 KiB each, made when needed). When all near a name's
  // place are in use, the newcomers share one.
  explicit LocalStore(Random& random);  // for the hash of the names
  ~LocalStore() override;

  Taken take(std::span<const Charge> charges, Millis now) override;
  void settle(Ticket& ticket, std::int64_t tokens, Millis now) override;
  void give_back(Ticket& ticket, Millis now) override;
  void add(std::string_view account, Period period, Spend spend) override;
  [[nodiscard]] Spent spent(std::string_view account, Period now) override;

  // The accounts that exist. Opening locks; only before they are used (a snapshot is built), never on the way
  // of a request. An account that was not opened is not counted.
  void open_account(const std::string& id);

  // Reads and writes the accounts: one line each, written whole (temporary file, fsync, rename), so a crash
  // leaves the old or the new file. Not for workers. A missing file is an empty one; a broken line is an
  // error and the rest is read.
  Status load(const std::filesystem::path& file);
  Status save(const std::filesystem::path& file) const;
  // Whether something was added since the last call.
  bool changed();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kt::routing

#pragma once
// The audit log while it is written. Event loops hand over rendered fields and go on; one writer thread
// numbers, chains and stores them, and tells the waiting loops. Nothing here blocks a caller.
//
//   group   a waiter hears when its line is in the file; synced within 5 ms or 256 lines, at once when idle
//   strict  a waiter hears when its line is on the disk
//   async   a waiter hears at once; a crash may lose what was not written yet (up to queue_bytes)
//
// When the file cannot be written, waiting `accepted` lines are refused and new ones get audit_unavailable
// at once; every other line is kept until the disk is back, which is looked for every 250 ms.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "kt/audit/record.hpp"
#include "kt/base/clock.hpp"
#include "kt/base/result.hpp"
#include "kt/base/signature.hpp"

namespace kt::audit {

enum class Mode : unsigned char { group, strict, async };

struct Options {
  std::string state_dir =
      "./kt-state";  // <state-dir>/audit holds the records, <state-dir>/audit-state the rest
  Mode mode = Mode::group;
  bool immutable = true;  // false: plain JSON lines, no chain, no signatures
  std::uint32_t retention_days = 365;
  std::uint64_t segment_bytes = 64u << 20;
  std::chrono::seconds segment_age{24 * 3600};
  std::uint32_t checkpoint_lines = 1000;
  std::chrono::milliseconds checkpoint_age{10'000}, checkpoint_idle{1'000}, checkpoint_empty{60'000};
  std::chrono::milliseconds epoch_age{600'000};
  std::chrono::milliseconds sync_age{5};
  std::uint32_t sync_lines = 256;
  std::size_t queue_bytes = 16u << 20;
  std::string witness_file;     // every checkpoint is appended here too; empty = none
  bool witness_syslog = false;  // and sent to syslog (authpriv)
  const Clock* clock = &system_clock();
};

class Inbox;

// One wait for one line. Lives, unmoved, from submit() until it is decided and, when its owner listens, until
// the inbox hands it out.
struct Waiter {
  enum class State : unsigned char {
    quiet,      // the owner does not wait yet: the decision is only noted
    listening,  // the decision arrives in the inbox, and the writer makes haste
    stored,
    refused,  // nothing may be done for this request
  };
  Inbox* inbox = nullptr;
  void* context = nullptr;  // the owner's
  std::atomic<State> state{State::listening};
  Waiter* next = nullptr;

  bool listen();             // owner, from quiet: false = it is decided already, nothing will arrive
  void decide(bool stored);  // writer, once
};

// Where the decided waiters of one thread arrive.
class Inbox {
 public:
  using Wake = void (*)(void* context);
  // `wake` is called on the writer's thread (or inside submit) when the inbox turns from empty to filled:
  // post to the loop there, nothing else.
  Inbox(Wake wake, void* context) : wake_(wake), context_(context) {}
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  void deliver(Waiter& waiter);  // any thread
  Waiter* take();                // owner: all that arrived, in order of arrival; null when none

 private:
  Wake wake_;
  void* context_;
  std::atomic<Waiter*> newest_{nullptr};
};

enum class Kind : unsigned char {
  accepted,   // opens a request; refused when the log cannot be written
  completed,  // closes it; always taken: one for each accepted that was stored, none for a refused one
  event,      // always taken
};

struct Entry {
  Kind kind = Kind::event;
  std::string request_id;  // of accepted and completed
  std::string fields;      // of accepted_fields() and its like; at most 128 KiB
  Waiter* waiter = nullptr;
};

struct LogState {
  bool accepting = true;      // false: requests get audit_unavailable
  std::uint64_t lines = 0;    // written by this process
  std::uint64_t refused = 0;  // accepted lines that were refused
  std::uint64_t queued_bytes = 0;
  std::uint64_t open_requests = 0;
  std::int64_t unsynced_us = 0;  // age of the oldest line that is written and not synced
  std::string trouble;           // what the disk said, while it says it
};

// Up to where the log is on the disk for good.
struct Durable {
  bool sealed = true;
  std::uint64_t segment = 0, bytes = 0;
};

class Log {
 public:
  // Claims the directory, repairs a torn tail, lists interrupted requests, begins a segment. Errors carry a
  // message for the person who starts the gateway.
  static Result<std::unique_ptr<Log>> open(const Options& options);

  // Writes what is queued, a signed end, and stops. No submit() may run any more.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Thread-safe. Without an error the waiter, if any, is delivered exactly once.
  Status submit(Entry entry);

  // Thread-safe. The writer gathers lines for up to a millisecond while no waiter listens; one does now.
  void hurry();

  [[nodiscard]] bool accepting() const;  // lock-free
  [[nodiscard]] LogState state() const;
  [[nodiscard]] Durable durable() const;

  // The key of prompt and completion digests; stays the same over restarts.
  [[nodiscard]] std::string_view digest_key() const;

 private:
  struct Impl;
  explicit Log(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Opens the log of a stopped gateway, writes the line that hands over to a new signing key, closes it.
Result<PublicKey> rotate_signing_key(const Options& options);

}  // namespace kt::audit

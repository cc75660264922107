#pragma once
// What the writer thread does, without the thread: entries in, lines on the disk, waiters told. One caller at
// a time. Time comes from the options' clock alone, so tests turn the hands.

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "audit/chain.hpp"
#include "audit/store.hpp"
#include "audit/syncer.hpp"
#include "kt/audit/log.hpp"

namespace kt::audit {

struct Scan;

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> open(const Options& options);
  Engine(const Options& options, Fd claim, Chain chain, Store store);

  // Stores the entries in order and tells the waiters that are decided.
  void append(std::vector<Entry>& batch);

  // `idle`: nothing waits to be appended.
  void tick(bool idle);
  [[nodiscard]] SteadyTime due() const;  // when tick() has something to do without new entries

  // The signed end. Nothing may follow.
  void close();

  // From now on syncs run on another thread; `done` is called there when tick() has one to finish. Without
  // it they run inside append() and tick().
  void sync_aside(std::function<void()> done) { syncer_ = std::make_unique<Syncer>(std::move(done)); }

  // One signed line that hands over to a new key.
  Status rotate_signing_key();

  [[nodiscard]] bool accepting() const { return accepting_; }  // same thread as append()
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] std::uint64_t lines() const { return chain_.point().seq - first_seq_; }
  void count_refused() { refused_.fetch_add(1, std::memory_order_relaxed); }  // thread-safe
  [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  [[nodiscard]] Durable durable() const { return {chain_.sealed(), synced_point_.segment, synced_bytes_}; }
  [[nodiscard]] std::size_t open_requests() const { return open_.size(); }
  [[nodiscard]] SteadyTime unsynced_since() const { return unsynced_since_; }  // max() = all is synced
  [[nodiscard]] const PublicKey& public_key() const { return chain_.keys().trusted.back(); }
  [[nodiscard]] const std::string& digest_key() const { return chain_.keys().digest_key; }

 private:
  struct Previous {
    std::string_view how = "none";  // none | ended | crash | io_error | damaged
    std::uint64_t bytes = 0;
  };

  // recover.cpp
  Status follow(const Scan& scan, const SegmentFile& file);
  Status first_segment(const Previous& previous);
  void note_interrupted();

  // engine.cpp
  void flush();
  bool write_some();
  void seal_entry(const Entry& entry, std::string& out);
  void start_sync();
  void finish_sync(bool wait);  // of a sync that runs aside
  void sync();                  // here and now
  void note_synced(const ChainPoint& point, std::uint64_t bytes, std::size_t entries);
  void keep_event(std::string fields);  // an event of the log's own, stored like an entry

  // segment.cpp
  Status begin_segment(const Previous& previous, bool with_pending);
  bool store_signed(const std::string& fields);  // at once and synced
  void checkpoint();
  void end_segment(std::string_view reason);
  void rotate_if_due(bool idle);
  void advance_epoch();
  std::string stamp(std::string_view type) const;
  std::string checkpoint_fields(std::string_view type);

  // failure.cpp
  void write_failed(const Error& error, const ChainPoint& before, std::size_t entries);
  void fail(const Error& error);
  void try_recover();
  bool reopen();
  bool refuse(Entry& entry);

  // retention.cpp
  void retire_segments();
  bool retire(const SegmentFile& oldest, const SegmentFile& next);
  void watch_clock();

  void tell_witness();
  bool copy_to_witness(std::string_view line);
  [[nodiscard]] SteadyTime now() const { return options_.clock->steady(); }

  Options options_;
  Fd claim_;
  Chain chain_;
  Store store_;
  std::string log_id_;
  std::uint64_t first_seq_ = 0;
  std::unordered_set<std::string> open_;

  std::string scratch_;         // write_some()'s lines; its memory is kept
  std::deque<Entry> pending_;   // not in the file
  std::deque<Entry> unsynced_;  // in the file, perhaps not on the disk
  ChainPoint synced_point_;     // where the disk surely stands
  std::uint64_t synced_bytes_ = 0;
  SteadyTime unsynced_since_ = SteadyTime::max();
  struct Running {  // what the sync that runs aside will have made sure
    bool running = false;
    ChainPoint point;
    std::uint64_t bytes = 0;
    std::size_t entries = 0;  // of unsynced_
  } running_;
  std::vector<std::pair<std::uint64_t, std::string>> to_witness_;  // bytes of the segment, line
  std::uint64_t unsynced_lines_ = 0;

  std::uint64_t lines_since_checkpoint_ = 0;
  std::string last_checkpoint_;  // hash of its line
  SteadyTime checkpointed_, last_line_, epoch_began_, segment_began_, sync_began_, retention_due_;

  bool accepting_ = true;
  std::atomic<std::uint64_t> refused_{0};
  std::string trouble_;
  std::uint64_t refused_before_gap_ = 0;
  SteadyTime retry_at_;
  std::string gap_began_, gap_reason_;
  struct Cut {  // a segment whose last lines were written again elsewhere
    std::string path;
    std::uint64_t bytes = 0;
  };
  std::vector<Cut> cuts_;
  bool ended_ = false;  // the last line on the disk is a segment.end

  std::chrono::microseconds wall_minus_steady_{0};
  bool clock_jumped_ = false, witness_failed_ = false;
  std::unique_ptr<Syncer> syncer_;  // last: its thread uses the store's file
};

}  // namespace kt::audit

#include "kt/audit/log.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "audit/engine.hpp"

namespace kt::audit {
namespace {

// How long lines that nobody waits for may gather: far less than sync_age, far more than a wake-up costs.
constexpr std::chrono::milliseconds kNap{1};
constexpr std::size_t kMaxFields = 128 * 1024, kEntryOverhead = 256;

Error unavailable() { return {Code::audit_unavailable, "the audit log cannot take the request's record"}; }

bool listens(const Waiter* waiter) {
  return waiter != nullptr && waiter->state.load(std::memory_order_relaxed) == Waiter::State::listening;
}

}  // namespace

bool Waiter::listen() {
  State expected = State::quiet;
  return state.compare_exchange_strong(expected, State::listening, std::memory_order_acq_rel,
                                       std::memory_order_acquire);
}

// A quiet waiter may be gone as soon as the exchange is done.
void Waiter::decide(bool stored) {
  const State before = state.exchange(stored ? State::stored : State::refused, std::memory_order_acq_rel);
  if (before == State::listening) inbox->deliver(*this);
}

void Inbox::deliver(Waiter& waiter) {
  Waiter* newest = newest_.load(std::memory_order_relaxed);
  do {
    waiter.next = newest;
  } while (
      !newest_.compare_exchange_weak(newest, &waiter, std::memory_order_release, std::memory_order_relaxed));
  if (newest == nullptr) wake_(context_);
}

Waiter* Inbox::take() {
  Waiter* waiter = newest_.exchange(nullptr, std::memory_order_acquire);
  Waiter* oldest = nullptr;
  while (waiter != nullptr) {
    Waiter* next = waiter->next;
    waiter->next = oldest;
    oldest = waiter;
    waiter = next;
  }
  return oldest;
}

struct Log::Impl {
  Impl(const Options& given, std::unique_ptr<Engine> made) : options(given), engine(std::move(made)) {
    // A writer that naps looks soon enough by itself.
    engine->sync_aside([this] {
      bool asleep = false;
      {
        const std::scoped_lock lock(mutex);
        synced = true;
        asleep = sleeping;
      }
      if (asleep) changed.notify_one();
    });
    thread = std::thread([this] { run(); });
  }

  void run() {
    std::vector<Entry> batch;
    bool busy = false;  // the last look found entries
    publish();
    std::unique_lock lock(mutex);
    while (!stopping || !queue.empty()) {
      if (busy && options.mode != Mode::strict) {
        nap(lock);
      } else {
        sleep(lock);
      }
      synced = hurried = false;
      busy = !queue.empty();
      batch.swap(queue);
      queued_bytes = 0;
      lock.unlock();
      engine->append(batch);
      lock.lock();
      const bool idle = queue.empty();
      lock.unlock();
      engine->tick(idle);
      publish();
      lock.lock();
    }
    lock.unlock();
    engine->close();
  }

  // Until there is anything to do: any entry wakes.
  void sleep(std::unique_lock<std::mutex>& lock) {
    const auto wait = engine->due() - options.clock->steady();
    if (!queue.empty() || wait.count() <= 0) return;
    sleeping = true;
    changed.wait_for(lock, wait, [this] { return stopping || synced || !queue.empty(); });
    sleeping = false;
  }

  // Entries gather, and are taken together: only one that is waited for wakes.
  void nap(std::unique_lock<std::mutex>& lock) {
    napping = true;
    changed.wait_for(lock, kNap, [this] { return stopping || hurried; });
    napping = false;
  }

  // With the mutex held. True: the caller notifies, once it has let go of it.
  bool wakes(bool haste) {
    hurried = hurried || haste;
    const bool wake = sleeping || (napping && hurried);
    if (wake) sleeping = napping = false;
    return wake;
  }

  void publish() {
    accepting.store(engine->accepting(), std::memory_order_relaxed);
    const std::scoped_lock lock(state_mutex);
    state.accepting = engine->accepting();
    state.lines = engine->lines();
    // While the disk fails, lines behind that place may still be taken back.
    if (engine->accepting()) durable = engine->durable();
    state.open_requests = engine->open_requests();
    unsynced_since = engine->unsynced_since();
    if (state.trouble != engine->trouble()) state.trouble = engine->trouble();
  }

  const Options options;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Entry> queue;  // guarded by mutex, as the next six
  std::size_t queued_bytes = 0;
  bool sleeping = false, napping = false;
  bool hurried = false;  // a line is waited for
  bool synced = false;   // a sync is done
  bool stopping = false;
  std::atomic<bool> accepting{true};
  mutable std::mutex state_mutex;
  LogState state;  // guarded by state_mutex, as the next two
  Durable durable;
  SteadyTime unsynced_since = SteadyTime::max();
  const std::unique_ptr<Engine> engine;  // the thread's, once it runs; behind what its syncer calls back to
  std::thread thread;
};

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Log::~Log() {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_one();
  impl_->thread.join();
}

Result<std::unique_ptr<Log>> Log::open(const Options& options) {
  auto engine = Engine::open(options);
  if (!engine) return engine.error();
  return std::unique_ptr<Log>(new Log(std::make_unique<Impl>(options, std::move(*engine))));
}

Status Log::submit(Entry entry) {
  const std::size_t bytes = entry.fields.size() + kEntryOverhead;
  if (entry.fields.size() > kMaxFields)
    return Error{Code::internal, "a record is too large for the audit log"};
  const bool opens = entry.kind == Kind::accepted;
  if (opens && !accepting()) {
    impl_->engine->count_refused();
    return unavailable();
  }
  Waiter* const at_once = impl_->options.mode == Mode::async ? std::exchange(entry.waiter, nullptr) : nullptr;
  bool wake = false;
  {
    const std::scoped_lock lock(impl_->mutex);
    if (opens && impl_->queued_bytes + bytes > impl_->options.queue_bytes) {
      impl_->engine->count_refused();
      return unavailable();
    }
    impl_->queued_bytes += bytes;
    const bool haste = listens(entry.waiter) || impl_->queued_bytes > impl_->options.queue_bytes / 2;
    impl_->queue.push_back(std::move(entry));
    wake = impl_->wakes(haste);
  }
  if (wake) impl_->changed.notify_one();
  if (at_once != nullptr) at_once->decide(true);
  return {};
}

void Log::hurry() {
  bool wake = false;
  {
    const std::scoped_lock lock(impl_->mutex);
    wake = impl_->wakes(true);
  }
  if (wake) impl_->changed.notify_one();
}

Durable Log::durable() const {
  const std::scoped_lock lock(impl_->state_mutex);
  return impl_->durable;
}

bool Log::accepting() const { return impl_->accepting.load(std::memory_order_relaxed); }

LogState Log::state() const {
  LogState state;
  {
    const std::scoped_lock lock(impl_->state_mutex);
    state = impl_->state;
    if (impl_->unsynced_since != SteadyTime::max()) {
      const auto age = impl_->options.clock->steady() - impl_->unsynced_since;
      state.unsynced_us = std::chrono::duration_cast<std::chrono::microseconds>(age).count();
    }
  }
  const std::scoped_lock lock(impl_->mutex);
  state.queued_bytes = impl_->queued_bytes;
  state.refused = impl_->engine->refused();
  return state;
}

Result<PublicKey> rotate_signing_key(const Options& options) {
  auto engine = Engine::open(options);
  if (!engine) return engine.error();
  if (auto status = (*engine)->rotate_signing_key(); !status) return status.error();
  const PublicKey key = (*engine)->public_key();
  (*engine)->close();
  return key;
}

std::string_view Log::digest_key() const { return impl_->engine->digest_key(); }

}  // namespace kt::audit

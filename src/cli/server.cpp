#include "cli/server.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <thread>

#include "cli/loader.hpp"
#include "kt/gateway/worker.hpp"

namespace kt::cli {
namespace {

using telemetry::Level;

constexpr std::chrono::seconds kBudgetsKept{2};  // so often the sums of the budgets are written

std::filesystem::path budgets_file(const ServerOptions& options) {
  return std::filesystem::path(options.state_dir) / "budgets";
}

void harden_process() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is a full disk, not a death
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  mallopt(M_ARENA_MAX, 4);
  // Fixed thresholds: glibc's own grow with the largest body seen, and keep as much memory for ever.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

sigset_t handled_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, each);
  return signals;
}

void warn_missing_secrets(const gateway::Snapshot& snapshot, const std::string& secrets_dir) {
  credential::SystemSecrets secrets(secrets_dir);
  for (const auto& target : snapshot.targets) {
    const auto secret = secrets.read(target->config.secret);
    if (secret) continue;
    telemetry::log(Level::warn, "target_unavailable",
                   {{"target", std::string_view(target->config.id)},
                    {"reason", std::string_view(secret.error().detail)}});
  }
}

class Server {
 public:
  Server(const ServerOptions& options, gateway::Shared& shared, Loader& loader,
         std::shared_ptr<const gateway::Snapshot> snapshot)
      : options_(options), shared_(shared), loader_(loader), snapshot_(std::move(snapshot)) {}

  int run() {
    const sigset_t signals = handled_signals();
    if (const int failed = start()) return failed;
    loader_.note("gateway.start", {{"version", KT_VERSION}});
    for (;;) {
      const timespec tick{kBudgetsKept.count(), 0};
      const int signal = sigtimedwait(&signals, nullptr, &tick);
      if (signal < 0) keep_budgets();
      if (signal <= 0) continue;
      if (signal != SIGHUP) break;
      const std::string why = reload();
      answer_requests(why);
    }
    stop(signals);
    answer_requests("the gateway is shutting down");
    finish();
    return 0;
  }

  // Thread-safe. Reloading happens on the main thread alone, which waits for signals.
  void request_reload(std::function<void(std::string)> done) {
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(std::move(done));
    }
    kill(getpid(), SIGHUP);
  }

 private:
  void answer_requests(const std::string& why) {
    std::vector<std::function<void(std::string)>> waiting;
    {
      const std::scoped_lock lock(mutex_);
      waiting.swap(requests_);
    }
    for (const auto& done : waiting) done(why);
  }

  // Empty = done. All or nothing: a bad file changes nothing and says so.
  std::string reload() {
    const Loaded loaded = loader_.load();
    if (!loaded.snapshot) {
      telemetry::log(Level::error, "config_rejected", {{"reason", std::string_view(loaded.why)}});
      return loaded.why;
    }
    snapshot_ = loaded.snapshot;
    for (auto& worker : workers_) {
      gateway::Worker* each = worker.get();
      each->loop().post([each, snapshot = loaded.snapshot] { each->install(snapshot); });
    }
    warn_missing_secrets(*snapshot_, shared_.secrets_dir);
    warm_up();
    telemetry::log(Level::info, "config_loaded",
                   {{"sha256", std::string_view(loaded.snapshot->config.sha256)}});
    return {};
  }

  int start() {
    std::shared_ptr<const net::TlsServer> tls;
    if (!options_.tls_cert.empty()) {
      auto made = net::make_tls_server(options_.tls_cert, options_.tls_key);
      if (!made) return complain(1, made.error().message);
      tls = *made;
    }
    std::vector<net::Bound> bounds;
    for (const std::string& text : options_.listen) {
      const auto address = net::parse_listen_address(text);
      if (!address) return complain(2, "--listen " + text + ": " + address.error().message);
      auto bound = net::bind(*address);
      if (!bound) return complain(1, bound.error().message);
      bounds.push_back(std::move(*bound));
    }
    const unsigned count =
        options_.workers > 0 ? options_.workers : std::max(1u, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i) {
      workers_.push_back(std::make_unique<gateway::Worker>(shared_, snapshot_));
      for (net::Bound& bound : bounds) {
        auto mine = net::share(bound);
        if (!mine) return complain(1, mine.error().message);
        workers_.back()->listen(std::move(*mine), tls);
      }
    }
    workers_.front()->watch_targets();
    warm_up();
    for (auto& worker : workers_) threads_.emplace_back([each = worker.get()] { each->loop().run(); });
    for (const net::Bound& bound : bounds) announce(bound.address(), tls != nullptr);
    return 0;
  }

  // The trusted authorities are read (35 ms) when the first target needs them, and not on a worker.
  void warm_up() {
    const bool needed = std::any_of(snapshot_->targets.begin(), snapshot_->targets.end(),
                                    [](const auto& target) { return target->origin.tls; });
    if (needed && !warm_up_.joinable()) warm_up_ = std::thread([] { net::tls_client_context(); });
  }

  // A crash forgets what was spent since the last time.
  void keep_budgets() {
    if (!shared_.store.changed()) return;
    std::error_code ignored;  // what is in the way, saving tells
    std::filesystem::create_directories(options_.state_dir, ignored);
    const Status kept = shared_.store.save(budgets_file(options_));
    if (!kept)
      telemetry::log(Level::error, "budgets_not_kept", {{"reason", std::string_view(kept.error().message)}});
  }

  static int complain(int exit_code, const std::string& what) {
    std::fprintf(stderr, "kt: %s\n", what.c_str());
    return exit_code;
  }

  static void announce(const net::Address& address, bool tls) {
    const std::string url =
        address.port() == 0 ? address.text() : (tls ? "https://" : "http://") + address.text();
    std::printf("kt gateway listening on %s\n", url.c_str());
    std::fflush(stdout);
  }

  // Not ready any more, no new connections; running exchanges finish up to drain_seconds. A second signal
  // ends it at once.
  void stop(const sigset_t& signals) {
    shared_.draining = true;
    telemetry::log(Level::info, "draining");
    loader_.note("gateway.drain");
    std::atomic<std::size_t> left{workers_.size()};
    for (auto& worker : workers_) {
      gateway::Worker* each = worker.get();
      each->loop().post([each, &left] { each->drain([&left] { --left; }); });
    }
    const auto deadline = system_clock().steady() + std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                        snapshot_->config.gateway.drain);
    while (left > 0 && system_clock().steady() < deadline) {
      const timespec tick{0, 10'000'000};
      if (sigtimedwait(&signals, nullptr, &tick) > 0) break;
    }
    if (left > 0) {
      telemetry::log(Level::warn, "drain_cut");
      for (auto& worker : workers_) worker->loop().post([each = worker.get()] { each->cut(); });
      const auto grace = system_clock().steady() + std::chrono::seconds(1);
      while (left > 0 && system_clock().steady() < grace) {
        const timespec tick{0, 5'000'000};
        sigtimedwait(&signals, nullptr, &tick);
      }
    }
  }

  void finish() {
    for (auto& worker : workers_) worker->loop().stop();
    for (auto& thread : threads_) thread.join();
    if (warm_up_.joinable()) warm_up_.join();
    keep_budgets();
    loader_.note("gateway.stop");
    telemetry::log(Level::info, "stopped");
  }

  const ServerOptions& options_;
  gateway::Shared& shared_;
  Loader& loader_;
  std::shared_ptr<const gateway::Snapshot> snapshot_;  // the one in force
  std::mutex mutex_;
  std::vector<std::function<void(std::string)>> requests_;  // guarded by mutex_
  std::vector<std::unique_ptr<gateway::Worker>> workers_;
  std::vector<std::thread> threads_;
  std::thread warm_up_;
};

}  // namespace

int run_server(const ServerOptions& options) {
  harden_process();
  // Before the first thread starts: one that does not block them would die of them, and the process with it.
  const sigset_t signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  gateway::Shared shared;
  shared.max_concurrency = options.max_concurrency;
  shared.secrets_dir = options.secrets_dir.empty() ? options.state_dir + "/secrets" : options.secrets_dir;
  // Without its budgets the gateway would let everything be spent once more.
  if (const Status known = shared.store.load(budgets_file(options)); !known) {
    std::fprintf(stderr, "kt: %s: %s\n", budgets_file(options).c_str(), known.error().message.c_str());
    return 1;
  }
  Loader loader(options, shared);
  Loaded loaded = loader.load();
  if (!loaded.snapshot) return loaded.exit_code;
  warn_missing_secrets(*loaded.snapshot, shared.secrets_dir);
  Server server(options, shared, loader, std::move(loaded.snapshot));
  shared.request_reload = [&server](std::function<void(std::string)> done) {
    server.request_reload(std::move(done));
  };
  return server.run();
}

}  // namespace kt::cli

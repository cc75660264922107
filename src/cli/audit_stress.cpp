// `kt audit-stress`: threads that behave like the gateway's workers towards the audit log, for tests that
// kill the process and break its disk. Every request that a client would have seen is printed.
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "cli/command.hpp"
#include "kt/audit/log.hpp"
#include "kt/base/random.hpp"

namespace kt::cli {
namespace {

struct Options {
  audit::Options log;
  std::string mode = "group";
  unsigned threads = 4, in_flight = 16, open = 0, segment_age_ms = 0;
  std::uint64_t requests = 0;  // 0 = until killed
  bool plain = false, quiet = false;
};

// A worker: keeps `in_flight` requests between accepted and completed.
class Client {
 public:
  Client(audit::Log& log, const Options& options, std::uint64_t requests)
      : log_(log),
        options_(options),
        left_(requests),
        random_(Random::from_system()),
        inbox_(&Client::wake, this) {}

  void run() {
    std::vector<std::unique_ptr<Request>> pool(options_.in_flight);
    for (auto& each : pool) begin(*(each = std::make_unique<Request>()));
    while (waiting_ > 0) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return woken_; });
      woken_ = false;
      lock.unlock();
      for (audit::Waiter* waiter = inbox_.take(); waiter != nullptr;) {
        audit::Waiter* next = waiter->next;
        finish(*static_cast<Request*>(waiter->context));
        waiter = next;
      }
    }
  }

  std::uint64_t done = 0, refused = 0;

 private:
  struct Request {
    audit::Waiter waiter;
    std::string id;
  };

  static void wake(void* self) {
    auto& client = *static_cast<Client*>(self);
    {
      const std::scoped_lock lock(client.mutex_);
      client.woken_ = true;
    }
    client.changed_.notify_one();
  }

  audit::Record record(const Request& request) const {
    audit::Record record;
    record.time = system_clock().wall();
    record.request_id = request.id;
    record.consumer = "team-a";
    record.client_ip = "127.0.0.1";
    record.path = "/v1/chat/completions";
    record.model = "gpt-4o";
    record.pack = "stress";
    record.pack_version = "1.0.0";
    record.config_version = "1.0.0";
    record.config_sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    record.prompt_digest = record.config_sha256;
    return record;
  }

  void begin(Request& request) {
    while (options_.requests == 0 || left_ > 0) {
      if (left_ > 0) --left_;
      request.id = make_request_id(system_clock().wall(), random_);
      request.waiter.inbox = &inbox_;
      request.waiter.state = audit::Waiter::State::listening;
      request.waiter.context = &request;
      if (log_.submit({audit::Kind::accepted, request.id, audit::accepted_fields(record(request)),
                       &request.waiter})) {
        ++waiting_;
        return;
      }
      ++refused;
      const timespec pause{0, 2'000'000};
      nanosleep(&pause, nullptr);
    }
  }

  void finish(Request& request) {
    --waiting_;
    if (request.waiter.state != audit::Waiter::State::stored) {
      ++refused;
    } else {
      if (!options_.quiet) say(request.id);
      audit::Record full = record(request);
      full.provider = "azure-openai";
      full.target = full.deployment = "primary";
      full.region = "westeurope";
      full.status = 200;
      full.reason_code = "all_policies_passed";
      full.policy_results = {{"pii-detector", "request", "allow", "", -1, 12},
                             {"prompt-injection", "request", "allow", "", 0.02, 31}};
      full.attempts = {{"primary", 200, "", 12.5}};
      full.tokens = {812, 120, 0, 0, false};
      full.latency_ms = 12.9;
      const auto stored =
          log_.submit({audit::Kind::completed, request.id, audit::completed_fields(full), nullptr});
      done += stored.has_value() ? 1 : 0;
    }
    begin(request);
  }

  // What a client has seen: one write, so that a kill leaves whole lines.
  static void say(const std::string& id) {
    const std::string line = id + "\n";
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(1);
  }

  audit::Log& log_;
  const Options& options_;
  std::uint64_t left_, waiting_ = 0;
  Random random_;
  audit::Inbox inbox_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;  // guarded by mutex_
};

int stress(Options options) {
  options.log.immutable = !options.plain;
  options.log.mode = options.mode == "strict"  ? audit::Mode::strict
                     : options.mode == "async" ? audit::Mode::async
                                               : audit::Mode::group;
  auto log = audit::Log::open(options.log);
  if (!log) {
    std::fprintf(stderr, "kt: %s\n", log.error().message.c_str());
    return 1;
  }
  std::fprintf(stderr, "ready\n");
  const auto began = system_clock().steady();
  std::vector<std::unique_ptr<Client>> clients;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < options.threads; ++i)
    clients.push_back(std::make_unique<Client>(**log, options, options.requests / options.threads));
  for (auto& client : clients) threads.emplace_back([&client] { client->run(); });
  for (auto& thread : threads) thread.join();
  std::uint64_t done = 0, refused = 0;
  for (const auto& client : clients) done += client->done, refused += client->refused;
  const double seconds = std::chrono::duration<double>(system_clock().steady() - began).count();
  log->reset();
  std::fprintf(stderr, "%llu requests, %llu refused, %.0f requests/s\n",
               static_cast<unsigned long long>(done), static_cast<unsigned long long>(refused),
               static_cast<double>(done) / seconds);
  return 0;
}

}  // namespace

void add_audit_stress(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("audit-stress", "write an audit log as fast as it goes (tests)");
  command->group("");
  auto options = std::make_shared<Options>();
  command->add_option("--state-dir", options->log.state_dir, "state directory")->required();
  command->add_option("--mode", options->mode, "durability")
      ->check(CLI::IsMember({"group", "strict", "async"}));
  command->add_option("--threads", options->threads, "workers");
  command->add_option("--in-flight", options->in_flight, "requests per worker");
  command->add_option("--requests", options->requests, "stop after so many; 0 = never");
  command->add_option("--segment-bytes", options->log.segment_bytes, "rotate at this size");
  command->add_option("--checkpoint-lines", options->log.checkpoint_lines, "lines between checkpoints");
  command->add_option("--witness", options->log.witness_file, "copy checkpoints here");
  command->add_flag("--plain", options->plain, "immutable: false");
  command->add_flag("--quiet", options->quiet, "do not print request ids");
  command->callback([options, &exit_code] { exit_code = stress(*options); });
}

}  // namespace kt::cli

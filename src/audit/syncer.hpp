#pragma once
// One thread that waits for the disk, so that the writer can go on writing meanwhile.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace kt::audit {

class Syncer {
 public:
  // `done` is called on the syncer's thread after each sync.
  explicit Syncer(std::function<void()> done);
  ~Syncer();
  Syncer(const Syncer&) = delete;
  Syncer& operator=(const Syncer&) = delete;

  // Writer's thread. Not while one is running; `fd` stays open until finished.
  void begin(int fd);
  [[nodiscard]] bool finished() const;  // nothing runs
  int wait();                           // 0, or the errno of the last sync

 private:
  void run();

  std::function<void()> done_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int fd_ = -1;  // guarded by mutex_, as the next three; -1 = nothing runs
  int error_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace kt::audit

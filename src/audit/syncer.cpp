#include "audit/syncer.hpp"

#include <unistd.h>

#include <cerrno>

namespace kt::audit {

Syncer::Syncer(std::function<void()> done) : done_(std::move(done)), thread_([this] { run(); }) {}

Syncer::~Syncer() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Syncer::begin(int fd) {
  {
    const std::scoped_lock lock(mutex_);
    fd_ = fd;
  }
  changed_.notify_all();
}

bool Syncer::finished() const {
  const std::scoped_lock lock(mutex_);
  return fd_ < 0;
}

int Syncer::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return fd_ < 0; });
  return error_;
}

void Syncer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || fd_ >= 0; });
    if (fd_ < 0) return;
    const int fd = fd_;
    lock.unlock();
    const int error = fdatasync(fd) == 0 ? 0 : errno;
    lock.lock();
    error_ = error;
    fd_ = -1;
    changed_.notify_all();
    lock.unlock();
    done_();
    lock.lock();
  }
}

}  // namespace kt::audit

#pragma once
// One event loop per worker thread: sockets, deadlines and a mailbox. Everything but post() and stop() is for
// its own thread.

#include <chrono>
#include <coroutine>
#include <functional>
#include <memory>

namespace kt::net {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

inline constexpr Time kNever = Time::max();

class Loop;

// A moment at which something is called unless it is cleared first. Setting one is a store and a list link,
// so every read and write can have its own; the loop looks at them every 10 ms, which is their precision.
class Deadline {
 public:
  using Expired = void (*)(Deadline& self);

  Deadline(Loop& loop, Expired expired) : loop_(loop), expired_(expired) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { clear(); }

  void set(Time at);  // kNever clears
  void clear();

 private:
  friend class Loop;
  Loop& loop_;
  Expired expired_;
  Time at_ = kNever;
  Deadline* next_ = nullptr;
  Deadline** link_ = nullptr;  // what points at us; null when not linked
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). Call once, on the thread that owns the loop.
  void run();

  // Thread-safe: runs `job` on the loop's thread, soon.
  void post(std::function<void()> job);

  // Thread-safe: run() returns after the handler at hand. Nothing is waited for.
  void stop();

  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  friend class Deadline;
  void sweep();
  void drain_mailbox();
  void await_tick();
  void await_mail();

  Deadline* deadlines_ = nullptr;
  bool ticking_ = false;
  std::unique_ptr<Impl> impl_;
};

// co_await Sleep(loop, time): resumes at that time (to 10 ms), or at once from the loop after wake().
class Sleep {
 public:
  Sleep(Loop& loop, Time until) : deadline_(*this, loop), until_(until) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    deadline_.set(until_);
  }
  void await_resume() const noexcept {}
  void wake() {
    if (waiter_) deadline_.set(Time::min());
  }

 private:
  struct Alarm : Deadline {
    Alarm(Sleep& sleep, Loop& loop) : Deadline(loop, &Alarm::fire), owner(sleep) {}
    static void fire(Deadline& self) { static_cast<Alarm&>(self).owner.waiter_.resume(); }
    Sleep& owner;
  };
  Alarm deadline_;
  Time until_;
  std::coroutine_handle<> waiter_;
};

}  // namespace kt::net

#pragma once
// Task<T>: a lazy coroutine with one awaiter, resumed on the thread of its event loop. Nothing here knows
// Asio, so the coroutines that tell the story of an exchange compile quickly and run in tests without
// sockets.
//
// Rules (docs/architecture.md, "Coroutines"):
//  - A task runs when it is awaited or spawned, and always to its end: cancellation is an I/O result, never a
//  destroyed frame.
//  - An awaited call gets only names, moved names, literals or temporaries with constructors (g++ 12).

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

namespace kt::net {

namespace detail {

// Frames come from a per-thread free list: an exchange makes a handful of them and gives them back in order.
void* take_frame(std::size_t bytes);
void give_frame(void* frame, std::size_t bytes) noexcept;

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr failure;

  static void* operator new(std::size_t bytes) { return take_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { give_frame(frame, bytes); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Final {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> done) noexcept {
      return done.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  void return_void() noexcept {}
  void take() {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::Promise<T> {
    Task get_return_object() { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
  };

  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiter) noexcept {
    frame_.promise().continuation = awaiter;
    return frame_;
  }
  T await_resume() { return frame_.promise().take(); }

 private:
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_;
};

// Runs `task` from here to its first suspension and then on its loop. `done(context, failure)` is called once
// at the end, when the task's frame is gone; a null failure means it returned.
void spawn(Task<void> task, void (*done)(void* context, std::exception_ptr failure), void* context);

}  // namespace kt::net

#include "kt/net/task.hpp"

#include <array>
#include <new>
#include <vector>

namespace kt::net {
namespace {

constexpr std::size_t kStep = 256, kClasses = 16, kKept = 64;

// Frames of up to 4 KiB, by size class. Freed with the thread.
struct FrameCache {
  std::array<std::vector<void*>, kClasses> free;
  ~FrameCache() {
    for (auto& list : free) {
      for (void* frame : list) ::operator delete(frame);
    }
  }
};

FrameCache& cache() {
  thread_local FrameCache instance;
  return instance;
}

constexpr std::size_t class_of(std::size_t bytes) { return (bytes - 1) / kStep; }

struct Root {
  struct promise_type {
    static void* operator new(std::size_t bytes) { return detail::take_frame(bytes); }
    static void operator delete(void* frame, std::size_t bytes) noexcept { detail::give_frame(frame, bytes); }
    Root get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

Task<std::exception_ptr> guarded(Task<void> task) {
  try {
    co_await task;
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

Root run_root(Task<void> task, void (*done)(void*, std::exception_ptr), void* context) {
  std::exception_ptr failure;
  {
    Task<std::exception_ptr> whole = guarded(std::move(task));
    failure = co_await whole;
  }
  done(context, failure);
}

}  // namespace

void* detail::take_frame(std::size_t bytes) {
  const std::size_t size_class = class_of(bytes);
  if (size_class >= kClasses) return ::operator new(bytes);
  auto& list = cache().free[size_class];
  if (list.empty()) return ::operator new((size_class + 1) * kStep);
  void* frame = list.back();
  list.pop_back();
  return frame;
}

void detail::give_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t size_class = class_of(bytes);
  if (size_class < kClasses && cache().free[size_class].size() < kKept) {
    cache().free[size_class].push_back(frame);
  } else {
    ::operator delete(frame);
  }
}

void spawn(Task<void> task, void (*done)(void*, std::exception_ptr), void* context) {
  run_root(std::move(task), done, context);
}

}  // namespace kt::net

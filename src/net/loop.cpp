#include "kt/net/loop.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <system_error>

#include "net/asio_loop.hpp"

namespace kt::net {
namespace {

constexpr std::chrono::milliseconds kTick{10};

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  const int bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (bell < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  impl_->bell.assign(bell);
  await_mail();
}

Loop::~Loop() = default;

void Loop::run() { impl_->context.run(); }

void Loop::stop() {
  post([this] { impl_->context.stop(); });
}

void Loop::post(std::function<void()> job) {
  {
    const std::scoped_lock lock(impl_->mail_mutex);
    impl_->mail.push_back(std::move(job));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n =
      ::write(impl_->bell.native_handle(), &one, sizeof one);  // full = it rings already
}

void Loop::await_mail() {
  impl_->bell.async_wait(asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
    if (!error) drain_mailbox();
  });
}

void Loop::drain_mailbox() {
  std::uint64_t rings = 0;
  [[maybe_unused]] const auto n = ::read(impl_->bell.native_handle(), &rings, sizeof rings);
  std::vector<std::function<void()>> jobs;
  {
    const std::scoped_lock lock(impl_->mail_mutex);
    jobs.swap(impl_->mail);
  }
  await_mail();
  for (auto& job : jobs) job();
}

void Loop::await_tick() {
  ticking_ = true;
  impl_->tick.expires_after(kTick);
  impl_->tick.async_wait([this](boost::system::error_code error) {
    if (error) return;
    ticking_ = false;
    sweep();
    if (deadlines_ != nullptr && !ticking_) await_tick();
  });
}

// A fired deadline may set and clear others, so the walk takes the due ones out first.
void Loop::sweep() {
  const Time now = Clock::now();
  Deadline* due = nullptr;
  for (Deadline* each = deadlines_; each != nullptr;) {
    Deadline* next = each->next_;
    if (each->at_ <= now) {
      each->clear();
      each->next_ = due;
      each->link_ = &due;
      if (due != nullptr) due->link_ = &each->next_;
      due = each;
    }
    each = next;
  }
  while (due != nullptr) {
    Deadline* each = due;
    each->clear();
    each->expired_(*each);
  }
}

void Deadline::set(Time at) {
  if (at == kNever) {
    clear();
    return;
  }
  at_ = at;
  if (link_ != nullptr) return;
  next_ = loop_.deadlines_;
  link_ = &loop_.deadlines_;
  if (next_ != nullptr) next_->link_ = &next_;
  loop_.deadlines_ = this;
  if (!loop_.ticking_) loop_.await_tick();
}

void Deadline::clear() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
  next_ = nullptr;
}

}  // namespace kt::net

#pragma once
// A request's place in the audit trail, as its coroutine sees it.

#include <coroutine>

#include "kt/audit/log.hpp"

namespace kt::gateway {

// Lives, unmoved, until stored() has returned: the log's writer thread knows its waiter.
class AuditTicket {
 public:
  // none: nothing was submitted, so nothing is waited for.
  enum class State : unsigned char { none, waiting, stored, refused };

  AuditTicket() = default;
  AuditTicket(const AuditTicket&) = delete;
  AuditTicket& operator=(const AuditTicket&) = delete;

  [[nodiscard]] State state() const { return state_; }  // as of the last stored()

  // Hands `entry` to the log. False: it was refused at once.
  bool submit(audit::Log& log, audit::Inbox& inbox, audit::Entry entry);

  // co_await stored(): false = refused, so the client must not get an answer.
  struct Await {
    AuditTicket& ticket;
    // A line that was stored while the upstream was at work costs the loop no wake-up.
    [[nodiscard]] bool await_ready() const { return ticket.state_ != State::waiting || ticket.decided(); }
    void await_suspend(std::coroutine_handle<> waiter) {
      ticket.resume_ = waiter;
      ticket.log_->hurry();
    }
    [[nodiscard]] bool await_resume() const { return ticket.state_ != State::refused; }
  };
  [[nodiscard]] Await stored() { return Await{*this}; }

  // Settles everything that arrived in `inbox`. On the loop's thread.
  static void settle(audit::Inbox& inbox);

 private:
  bool decided();  // false: from now on it listens
  void note();

  audit::Log* log_ = nullptr;
  audit::Waiter waiter_;
  State state_ = State::none;
  std::coroutine_handle<> resume_;
};

}  // namespace kt::gateway

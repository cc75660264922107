#include "gateway/audit_ticket.hpp"

#include <utility>

namespace kt::gateway {

bool AuditTicket::submit(audit::Log& log, audit::Inbox& inbox, audit::Entry entry) {
  log_ = &log;
  waiter_.inbox = &inbox;
  waiter_.state = audit::Waiter::State::quiet;
  waiter_.context = this;
  entry.waiter = &waiter_;
  state_ = State::waiting;
  if (!log.submit(std::move(entry))) state_ = State::refused;
  return state_ != State::refused;
}

bool AuditTicket::decided() {
  if (waiter_.listen()) return false;
  note();
  return true;
}

void AuditTicket::note() {
  state_ = waiter_.state == audit::Waiter::State::stored ? State::stored : State::refused;
}

void AuditTicket::settle(audit::Inbox& inbox) {
  for (audit::Waiter* waiter = inbox.take(); waiter != nullptr;) {
    audit::Waiter* const next = waiter->next;  // the ticket may go while its coroutine runs
    auto& ticket = *static_cast<AuditTicket*>(waiter->context);
    ticket.note();
    if (ticket.resume_) std::exchange(ticket.resume_, nullptr).resume();
    waiter = next;
  }
}

}  // namespace kt::gateway

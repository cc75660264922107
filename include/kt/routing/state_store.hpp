#pragma once
// Where limits and budgets are counted. The only interface to them: whether the counts live in this process
// or are shared by replicas, nothing else knows. Never blocks: a store behind a network hands out from local
// leases and refills them in the background.
//
// Promise: no window of the configured length, wherever it starts, lets more than its limit through, as far
// as the costs were known when they were taken.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kt/routing/moment.hpp"

namespace kt::routing {

enum class Scope : unsigned char { global, ip, user, token, target, consumer };
std::string_view name_of(Scope scope);

enum class Unit : unsigned char {
  requests,   // in a window
  tokens,     // in a window; reserved, then settled
  in_flight,  // at a time; freed when settled or given back
};

// What one request takes of one limit.
struct Charge {
  Scope scope = Scope::global;
  Unit unit = Unit::requests;
  std::string_view name;  // whose limit: address, user, target or consumer id; empty for everybody's
  std::int64_t limit = 0;
  Millis window = 0;  // ignored for in_flight
  std::int64_t cost = 1;
};

inline constexpr std::size_t kMaxCharges = 12;

// What a granted take() holds, for settle() or give_back(). Plain data; its contents are the store's.
struct Ticket {
  struct Entry {
    void* place = nullptr;
    std::uint64_t key = 0, epoch = 0;
    std::int64_t amount = 0;
    Millis window = 0;
    Unit unit = Unit::requests;
  };
  std::array<Entry, kMaxCharges> entries;
  std::size_t count = 0;
};

// A limit as the client may see it.
struct Allowance {
  std::int64_t limit = 0;  // 0 = there is none
  std::int64_t remaining = 0;
  Millis reset = 0;  // until nothing is used
};

struct Taken {
  bool granted = true;
  Ticket ticket;
  Allowance requests, tokens;  // of the charge with the smallest part left
  // Refused: which charge, and when it could be granted. wait 0: never, the cost is above the limit.
  Scope scope = Scope::global;
  Unit unit = Unit::requests;
  Millis wait = 0;
};

// What a consumer may spend in a day and in a month (UTC).
struct Spend {
  std::int64_t nano_usd = 0, tokens = 0;
};
struct Period {
  std::uint32_t day = 0, month = 0;  // counted since 1970
};
Period period_of(WallTime wall);
struct Spent {
  Spend day, month;
};

class StateStore {
 public:
  virtual ~StateStore() = default;

  // All charges or none.
  virtual Taken take(std::span<const Charge> charges, Millis now) = 0;
  // The request is over: tokens become what was used, in_flight is freed. Ends the ticket.
  virtual void settle(Ticket& ticket, std::int64_t tokens, Millis now) = 0;
  // Nothing was sent: as if it had never been taken. Ends the ticket.
  virtual void give_back(Ticket& ticket, Millis now) = 0;

  // Adds to an account (a consumer's id); what is negative takes back a reservation made in that period.
  virtual void add(std::string_view account, Period period, Spend spend) = 0;
  [[nodiscard]] virtual Spent spent(std::string_view account, Period now) = 0;
};

}  // namespace kt::routing

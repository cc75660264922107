#include "kt/routing/local_store.hpp"

#include <algorithm>
#include <atomic>

#include "routing/accounts.hpp"
#include "routing/key_hash.hpp"
#include "routing/slot_table.hpp"
#include "routing/whole_file.hpp"

namespace kt::routing {

std::string_view name_of(Scope scope) {
  constexpr std::string_view kNames[] = {"global", "ip", "user", "token", "target", "consumer"};
  return kNames[static_cast<std::size_t>(scope)];
}

Period period_of(WallTime wall) {
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  const std::chrono::year_month_day date{day};
  return {static_cast<std::uint32_t>(day.time_since_epoch().count()),
          static_cast<std::uint32_t>((static_cast<int>(date.year()) - 1970) * 12) +
              static_cast<unsigned>(date.month()) - 1};
}

struct LocalStore::Impl {
  explicit Impl(Random& random) : seed{random.next(), random.next()} {}

  [[nodiscard]] std::uint64_t key_of(const Charge& charge, std::string_view name) const {
    // Scope, unit and window select a family of names, so their bytes cannot be imitated by a name.
    const std::array<std::uint64_t, 2> family{
        seed[0] ^ (static_cast<std::uint64_t>(charge.scope) << 8 | static_cast<std::uint64_t>(charge.unit)),
        seed[1] ^ static_cast<std::uint64_t>(charge.window)};
    return std::max<std::uint64_t>(2, sip_hash(family, name));
  }

  const std::array<std::uint64_t, 2> seed;
  SlotTable table{64};
  SlotTable overflow{1};
  Accounts accounts;
  std::atomic<bool> changed{false};
};

namespace {

constexpr std::string_view kOverflow = "\x01 the others";

bool take_in_flight(Slot& slot, std::int64_t cost, std::int64_t limit) {
  std::int64_t known = slot.in_flight.load(std::memory_order_relaxed);
  do {
    if (known > limit - cost) return false;
  } while (!slot.in_flight.compare_exchange_weak(known, known + cost, std::memory_order_relaxed));
  return true;
}

void keep_smaller(Allowance& known, std::int64_t limit, const SlidingWindow::Figures& figures) {
  const std::int64_t remaining = std::max<std::int64_t>(0, limit - figures.used);
  if (known.limit != 0 && known.remaining <= remaining) return;
  known = {limit, remaining, figures.reset};
}

void note_allowance(Taken& taken, const Charge& charge, const Slot& slot, Millis now) {
  if (charge.unit == Unit::in_flight) return;
  Allowance& allowance = charge.unit == Unit::requests ? taken.requests : taken.tokens;
  keep_smaller(allowance, charge.limit, slot.window.load()->figures(charge.window, now));
}

void refuse(Taken& taken, const Charge& charge, const Slot* slot, Millis now) {
  taken.granted = false;
  taken.scope = charge.scope;
  taken.unit = charge.unit;
  taken.wait = 0;
  if (charge.unit == Unit::in_flight || slot == nullptr) {
    taken.wait = 1000;  // nobody knows when one ends
    return;
  }
  taken.wait = slot->window.load()->wait(charge.cost, charge.limit, charge.window, now);
  if (taken.wait == 0 && charge.cost <= charge.limit) taken.wait = 1;
}

// One charge into one slot. False: refused.
bool take_from(Slot& slot, std::uint64_t key, const Charge& charge, Millis now, Ticket::Entry& entry) {
  entry = {&slot, key, 0, charge.cost, charge.window, charge.unit};
  if (charge.unit == Unit::in_flight) return take_in_flight(slot, charge.cost, charge.limit);
  return slot.window.load()->take(charge.cost, charge.limit, charge.window, now, entry.epoch);
}

void undo(const Ticket::Entry& entry, Millis now) {
  auto& slot = *static_cast<Slot*>(entry.place);
  if (entry.unit == Unit::in_flight) {
    slot.in_flight.fetch_sub(entry.amount, std::memory_order_relaxed);
  } else {
    slot.window.load()->settle(entry.epoch, entry.amount, 0, entry.window, now);
  }
}

}  // namespace

LocalStore::LocalStore(Random& random) : impl_(std::make_unique<Impl>(random)) {}
LocalStore::~LocalStore() = default;

Taken LocalStore::take(std::span<const Charge> charges, Millis now) {
  Taken taken;
  for (const Charge& charge : charges) {
    const Millis length = charge.unit == Unit::in_flight ? 0 : charge.window;
    std::uint64_t key = impl_->key_of(charge, charge.name);
    Slot* slot = impl_->table.find(key, length, now);
    if (slot == nullptr) {
      key = impl_->key_of(charge, kOverflow);
      slot = impl_->overflow.find(key, length, now);
    }
    Ticket::Entry& entry = taken.ticket.entries[taken.ticket.count];
    bool granted = slot != nullptr && take_from(*slot, key, charge, now, entry);
    while (granted && !SlotTable::holds(*slot, key)) {  // given to another key in the meantime
      undo(entry, now);
      slot = impl_->table.find(key, length, now);
      granted = slot != nullptr && take_from(*slot, key, charge, now, entry);
    }
    if (slot != nullptr) note_allowance(taken, charge, *slot, now);
    if (granted) {
      ++taken.ticket.count;
      continue;
    }
    refuse(taken, charge, slot, now);
    give_back(taken.ticket, now);
    break;
  }
  return taken;
}

void LocalStore::settle(Ticket& ticket, std::int64_t tokens, Millis now) {
  for (std::size_t i = 0; i < ticket.count; ++i) {
    const Ticket::Entry& entry = ticket.entries[i];
    auto& slot = *static_cast<Slot*>(entry.place);
    if (entry.unit == Unit::in_flight) undo(entry, now);
    if (entry.unit == Unit::tokens && SlotTable::holds(slot, entry.key))
      slot.window.load()->settle(entry.epoch, entry.amount, tokens, entry.window, now);
  }
  ticket.count = 0;
}

void LocalStore::give_back(Ticket& ticket, Millis now) {
  for (std::size_t i = 0; i < ticket.count; ++i) {
    const Ticket::Entry& entry = ticket.entries[i];
    if (SlotTable::holds(*static_cast<Slot*>(entry.place), entry.key)) undo(entry, now);
  }
  ticket.count = 0;
}

void LocalStore::add(std::string_view account, Period period, Spend spend) {
  Account* found = impl_->accounts.find(account);
  if (found == nullptr) return;
  if (!impl_->changed.load(std::memory_order_relaxed)) impl_->changed.store(true);
  found->day_nano_usd.add(period.day, spend.nano_usd);
  found->day_tokens.add(period.day, spend.tokens);
  found->month_nano_usd.add(period.month, spend.nano_usd);
  found->month_tokens.add(period.month, spend.tokens);
}

Spent LocalStore::spent(std::string_view account, Period now) {
  const Account* found = impl_->accounts.find(account);
  if (found == nullptr) return {};
  return {{found->day_nano_usd.of(now.day), found->day_tokens.of(now.day)},
          {found->month_nano_usd.of(now.month), found->month_tokens.of(now.month)}};
}

bool LocalStore::changed() { return impl_->changed.exchange(false); }

void LocalStore::open_account(const std::string& id) { impl_->accounts.open(id); }

Status LocalStore::load(const std::filesystem::path& file) {
  const auto text = read_whole(file);
  return text ? impl_->accounts.read(*text) : Status(text.error());
}

Status LocalStore::save(const std::filesystem::path& file) const {
  return write_whole(file, impl_->accounts.text());
}

}  // namespace kt::routing

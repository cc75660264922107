#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "kt/routing/local_store.hpp"
#include "routing/key_hash.hpp"
#include "routing/sliding_window.hpp"

namespace kt::routing {
namespace {

// The oracle: keeps every admission and looks at all windows.
struct Ledger {
  struct Entry {
    Millis at;
    std::int64_t cost;
  };
  std::deque<Entry> entries;
  // The most that any window of that length has held, wherever it starts.
  [[nodiscard]] std::int64_t fullest(Millis window) const {
    std::int64_t most = 0, sum = 0;
    std::size_t first = 0;
    for (const Entry& each : entries) {
      sum += each.cost;
      while (entries[first].at <= each.at - window) sum -= entries[first++].cost;
      most = std::max(most, sum);
    }
    return most;
  }
  [[nodiscard]] std::int64_t total() const {
    std::int64_t sum = 0;
    for (const Entry& each : entries) sum += each.cost;
    return sum;
  }
};

TEST(SlidingWindow, NoWindowHoldsMoreThanTheLimitForRandomTraffic) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    SlidingWindow window;
    Ledger ledger;
    const Millis length = 1000 + static_cast<Millis>(random.next() % 59'000);
    const std::int64_t limit = 10 + static_cast<std::int64_t>(random.next() % 1000);
    Millis now = static_cast<Millis>(random.next() % 1'000'000);
    for (int i = 0; i < 20'000; ++i) {
      now += static_cast<Millis>(random.next() % static_cast<std::uint64_t>(1 + length / 500));
      if (random.next() % 1000 == 0) now += 3 * length;  // idle for a while
      const auto cost = 1 + static_cast<std::int64_t>(random.next() % 10);
      std::uint64_t epoch = 0;
      if (window.take(cost, limit, length, now, epoch)) ledger.entries.push_back({now, cost});
    }
    ASSERT_LE(ledger.fullest(length), limit) << "seed " << seed;
  }
}

TEST(SlidingWindow, ServesTheAllowedShareUnderOverload) {
  for (const Millis length : {1000, 10'000, 60'000, 3'600'000}) {
    SlidingWindow window;
    std::int64_t served = 0;
    std::uint64_t epoch = 0;
    const Millis step = std::max<Millis>(1, length / 1000);
    for (Millis now = 0; now < 20 * length; now += step) {
      for (int i = 0; i < 10; ++i) served += window.take(1, 1000, length, now, epoch) ? 1 : 0;
    }
    EXPECT_GE(served, 20 * 1000 * 98 / 100) << length;
    EXPECT_LE(served, 20 * 1000) << length;
  }
}

TEST(SlidingWindow, WaitSaysWhenThereIsRoom) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Random random(seed);
    SlidingWindow window;
    std::uint64_t epoch = 0;
    Millis now = 7'000'000;
    for (int i = 0; i < 200; ++i) {
      now += static_cast<Millis>(random.next() % 100);
      const auto cost = 1 + static_cast<std::int64_t>(random.next() % 30);
      if (window.take(cost, 100, 5000, now, epoch)) continue;
      const Millis wait = window.wait(cost, 100, 5000, now);
      ASSERT_GT(wait, 0);
      ASSERT_LE(wait, 5000 + 40);
      if (wait > 1) {
        SlidingWindow& same = window;
        ASSERT_FALSE(same.take(cost, 100, 5000, now + wait - 1, epoch)) << "no sooner";
      }
      now += wait;
      ASSERT_TRUE(window.take(cost, 100, 5000, now, epoch)) << "and then it is granted";
    }
  }
}

TEST(SlidingWindow, SettlingFreesWhatWasNotUsedAndCountsWhatWasUsedBeyond) {
  SlidingWindow window;
  std::uint64_t epoch = 0;
  ASSERT_TRUE(window.take(900, 1000, 60'000, 1'000'000, epoch));
  window.settle(epoch, 900, 100, 60'000, 1'010'000);
  EXPECT_EQ(window.figures(60'000, 1'010'000).used, 100);
  ASSERT_TRUE(window.take(900, 1000, 60'000, 1'010'000, epoch));
  window.settle(epoch, 900, 950, 60'000, 1'020'000);
  EXPECT_EQ(window.figures(60'000, 1'020'000).used, 1050);
  EXPECT_FALSE(window.take(1, 1000, 60'000, 1'020'000, epoch));
}

TEST(SlidingWindow, SettlingAfterItSlidOutCountsOnlyWhatIsBeyond) {
  SlidingWindow window;
  std::uint64_t epoch = 0;
  ASSERT_TRUE(window.take(500, 1000, 1000, 10'000, epoch));
  window.settle(epoch, 500, 100, 1000, 20'000);
  EXPECT_EQ(window.figures(1000, 20'000).used, 0);
  ASSERT_TRUE(window.take(500, 1000, 1000, 30'000, epoch));
  window.settle(epoch, 500, 700, 1000, 40'000);
  EXPECT_EQ(window.figures(1000, 40'000).used, 200);
}

TEST(SlidingWindow, AWorkerWithAnOlderClockSeesWhatOthersTook) {
  SlidingWindow window;
  std::uint64_t epoch = 0;
  ASSERT_TRUE(window.take(10, 10, 1000, 50'100, epoch));
  EXPECT_FALSE(window.take(1, 10, 1000, 50'000, epoch));
}

TEST(SlidingWindow, WorkersTogetherStayBelowTheLimitAndReachIt) {
  SlidingWindow window;
  std::vector<Ledger> ledgers(4);
  std::atomic<Millis> clock{1'000'000};
  std::vector<std::thread> workers;
  for (Ledger& ledger : ledgers) {
    workers.emplace_back([&] {
      std::uint64_t epoch = 0;
      for (int i = 0; i < 20'000; ++i) {
        const Millis now = clock.fetch_add(i % 4 == 0 ? 1 : 0);
        // The part in which it counts is when it was admitted: another worker's clock may be ahead of `now`.
        if (window.take(1, 500, 1000, now, epoch))
          ledger.entries.push_back({static_cast<Millis>(epoch) * 8, 1});
      }
    });
  }
  for (std::thread& each : workers) each.join();
  Ledger all;
  for (const Ledger& ledger : ledgers)
    all.entries.insert(all.entries.end(), ledger.entries.begin(), ledger.entries.end());
  std::sort(all.entries.begin(), all.entries.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  EXPECT_LE(all.fullest(1000), 500);
  const std::int64_t windows = (clock.load() - 1'000'000) / 1000;
  EXPECT_GE(all.total(), windows * 500 * 95 / 100);
}

struct Store : ::testing::Test {
  static Charge requests(Scope scope, std::string_view name, std::int64_t limit) {
    return {scope, Unit::requests, name, limit, 60'000, 1};
  }
  bool take(std::initializer_list<Charge> charges) {
    last = store.take({charges.begin(), charges.size()}, now);
    return last.granted;
  }
  Random random{1};
  LocalStore store{random};
  Taken last;
  Millis now = 1'000'000;
};

TEST_F(Store, NamesAreCountedApartAndScopesToo) {
  EXPECT_TRUE(take({requests(Scope::ip, "10.0.0.1", 1)}));
  EXPECT_FALSE(take({requests(Scope::ip, "10.0.0.1", 1)}));
  EXPECT_TRUE(take({requests(Scope::ip, "10.0.0.2", 1)}));
  EXPECT_TRUE(take({requests(Scope::user, "10.0.0.1", 1)}));
}

TEST_F(Store, AllChargesOrNone) {
  EXPECT_TRUE(take({requests(Scope::user, "u", 1)}));
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(take({requests(Scope::global, "", 2), requests(Scope::user, "u", 1)}));
    EXPECT_EQ(last.scope, Scope::user);
  }
  EXPECT_TRUE(take({requests(Scope::global, "", 2)})) << "the refused ones took nothing";
  EXPECT_EQ(last.requests.remaining, 1);
}

TEST_F(Store, TokensAreReservedAndSettled) {
  const Charge charge{Scope::token, Unit::tokens, "", 1000, 60'000, 800};
  ASSERT_TRUE(take({charge}));
  Ticket ticket = last.ticket;
  EXPECT_FALSE(take({charge}));
  EXPECT_EQ(last.tokens.remaining, 200);
  EXPECT_GT(last.wait, 59'000);
  store.settle(ticket, 150, now + 100);
  EXPECT_TRUE(take({charge}));
  EXPECT_EQ(last.tokens.remaining, 50);
}

TEST_F(Store, WhatIsAboveTheLimitIsNeverGranted) {
  EXPECT_FALSE(take({{Scope::token, Unit::tokens, "", 1000, 60'000, 1001}}));
  EXPECT_EQ(last.wait, 0);
}

TEST_F(Store, InFlightIsFreedBySettlingAndByGivingBack) {
  const Charge charge{Scope::target, Unit::in_flight, "t", 2, 0, 1};
  ASSERT_TRUE(take({charge}));
  Ticket first = last.ticket;
  ASSERT_TRUE(take({charge}));
  Ticket second = last.ticket;
  EXPECT_FALSE(take({charge}));
  store.settle(first, 0, now);
  store.give_back(second, now);
  EXPECT_TRUE(take({charge}));
  EXPECT_TRUE(take({charge}));
  EXPECT_FALSE(take({charge}));
}

TEST_F(Store, ATicketEndsOnce) {
  const Charge charge{Scope::target, Unit::in_flight, "t", 1, 0, 1};
  ASSERT_TRUE(take({charge}));
  Ticket ticket = last.ticket;
  store.settle(ticket, 0, now);
  store.settle(ticket, 0, now);
  store.give_back(ticket, now);
  ASSERT_TRUE(take({charge}));
  EXPECT_FALSE(take({charge}));
}

TEST_F(Store, GivingBackMakesRoomForRequests) {
  ASSERT_TRUE(take({requests(Scope::global, "", 1)}));
  Ticket ticket = last.ticket;
  store.give_back(ticket, now);
  EXPECT_TRUE(take({requests(Scope::global, "", 1)}));
}

TEST_F(Store, MoreAddressesThanThereAreWindowsShareOneAndMakeRoomWhenIdle) {
  std::int64_t granted = 0;
  for (int i = 0; i < 40'000; ++i)
    granted += take({requests(Scope::ip, "host-" + std::to_string(i), 1)}) ? 1 : 0;
  EXPECT_GT(granted, 15'000);
  EXPECT_LT(granted, 17'000);
  now += 121'000;
  EXPECT_TRUE(take({requests(Scope::ip, "a new one", 1)}));
  EXPECT_FALSE(take({requests(Scope::ip, "a new one", 1)}));
}

TEST_F(Store, WorkersOnManyNamesNeverExceedAnyLimit) {
  std::vector<std::thread> workers;
  std::array<std::atomic<int>, 50> granted{};
  std::atomic<int> left{0};
  for (int worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&, worker] {
      Random own(static_cast<std::uint64_t>(worker));
      for (int i = 0; i < 20'000; ++i) {
        const std::size_t who = own.next() % granted.size();
        const std::string name = "user-" + std::to_string(who);
        const Charge charges[] = {requests(Scope::user, name, 20),
                                  {Scope::consumer, Unit::in_flight, name, 3, 0, 1}};
        Taken taken = store.take(charges, now);
        if (!taken.granted) continue;
        ++granted[who];
        ++left;
        store.settle(taken.ticket, 0, now);
      }
    });
  }
  for (std::thread& each : workers) each.join();
  for (const auto& each : granted) EXPECT_LE(each, 20);
  EXPECT_EQ(left, 1000) << "and each gets its whole share";
}

TEST(SipHash, MatchesTheVectorsOfItsAuthors) {
  // Key 00 01 .. 0f, input 00 01 .. (n-1): appendix A of the paper, and its 64-entry table.
  const std::array<std::uint64_t, 2> key{0x0706050403020100ull, 0x0f0e0d0c0b0a0908ull};
  std::string input;
  EXPECT_EQ(sip_hash(key, input), 0x726fdb47dd0e0e31ull);
  for (char c = 0; c < 15; ++c) input += c;
  EXPECT_EQ(sip_hash(key, input), 0xa129ca6149be45e5ull);
}

struct Accounts : Store {
  const Period today{20'000, 700}, tomorrow{20'001, 700};
  std::filesystem::path file =
      std::filesystem::path(::testing::TempDir()) / ("budgets-" + std::to_string(::getpid()));
  void TearDown() override { std::filesystem::remove(file); }
};

TEST_F(Accounts, DaysAndMonthsAreSummedApart) {
  store.open_account("team");
  store.add("team", today, {100, 10});
  store.add("team", tomorrow, {50, 5});
  EXPECT_EQ(store.spent("team", tomorrow).day.nano_usd, 50);
  EXPECT_EQ(store.spent("team", tomorrow).month.nano_usd, 150);
  EXPECT_EQ(store.spent("team", tomorrow).month.tokens, 15);
  EXPECT_EQ(store.spent("team", {20'031, 701}).month.tokens, 0);
}

TEST_F(Accounts, AReservationIsTakenBackInItsPeriodOnly) {
  store.open_account("team");
  store.add("team", today, {100, 10});
  store.add("team", today, {-60, -6});
  EXPECT_EQ(store.spent("team", today).day.nano_usd, 40);
  store.add("team", tomorrow, {30, 3});
  store.add("team", today, {-40, -4});
  EXPECT_EQ(store.spent("team", tomorrow).day.nano_usd, 30);
}

TEST_F(Accounts, SurviveARestart) {
  store.open_account("team \xc3\xa4/..\n");
  store.add("team \xc3\xa4/..\n", today, {123'456'789, 42});
  ASSERT_TRUE(store.save(file));
  LocalStore next(random);
  ASSERT_TRUE(next.load(file));
  EXPECT_EQ(next.spent("team \xc3\xa4/..\n", today).month.nano_usd, 123'456'789);
  EXPECT_EQ(next.spent("team \xc3\xa4/..\n", today).day.tokens, 42);
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".new"));
}

TEST_F(Accounts, WhatWasAddedIsSaidOnceAndOnlyForAccountsThatExist) {
  store.add("nobody", today, {1, 1});
  EXPECT_FALSE(store.changed());
  store.open_account("team");
  store.add("team", today, {1, 1});
  EXPECT_TRUE(store.changed());
  EXPECT_FALSE(store.changed());
}

TEST_F(Accounts, AMissingFileIsEmptyAndABrokenLineIsSaidButTheRestIsRead) {
  EXPECT_TRUE(store.load(file));
  store.open_account("a");
  store.add("a", today, {7, 7});
  ASSERT_TRUE(store.save(file));
  { std::ofstream(file, std::ios::app) << "zz 1 2\n"; }
  LocalStore next(random);
  EXPECT_FALSE(next.load(file));
  EXPECT_EQ(next.spent("a", today).day.nano_usd, 7);
}

TEST_F(Accounts, AFolderThatCannotBeWrittenIsAnError) { EXPECT_FALSE(store.save("/nonexistent/budgets")); }

TEST(Period, CountsDaysAndMonthsInUtc) {
  const WallTime last{std::chrono::sys_days(std::chrono::year(2026) / 1 / 31) + std::chrono::hours(23)};
  EXPECT_EQ(period_of(last).month, 56u * 12);
  EXPECT_EQ(period_of(last + std::chrono::hours(1)).month, 56u * 12 + 1);
  EXPECT_EQ(period_of(last + std::chrono::hours(1)).day, period_of(last).day + 1);
}

}  // namespace
}  // namespace kt::routing

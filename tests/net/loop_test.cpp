#include "kt/net/loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "kt/net/address.hpp"
#include "kt/net/resolver.hpp"
#include "kt/net/task.hpp"

namespace kt::net {
namespace {

TEST(Loop, RunsPostedJobsOnItsThread) {
  Loop loop;
  std::thread::id where;
  std::thread other([&] {
    loop.post([&] {
      where = std::this_thread::get_id();
      loop.stop();
    });
  });
  loop.run();
  other.join();
  EXPECT_EQ(where, std::this_thread::get_id());
}

struct Stopper : Deadline {
  explicit Stopper(Loop& loop)
      : Deadline(loop, [](Deadline& self) { static_cast<Stopper&>(self).fired(); }), loop(loop) {}
  void fired() {
    ++count;
    loop.stop();
  }
  Loop& loop;
  int count = 0;
};

TEST(Deadline, FiresOnceAndNotWhenCleared) {
  Loop loop;
  Stopper late(loop), early(loop), cleared(loop);
  late.set(Clock::now() + std::chrono::hours(1));
  cleared.set(Clock::now());
  cleared.clear();
  early.set(Clock::now() + std::chrono::milliseconds(5));
  loop.run();
  EXPECT_EQ(early.count, 1);
  EXPECT_EQ(cleared.count + late.count, 0);
}

void ignore(void*, std::exception_ptr) {}

struct Names {
  struct State {
    std::atomic<int> lookups = 0;
    std::atomic<bool> fail = false;
  };
  Loop loop;
  std::shared_ptr<State> state = std::make_shared<State>();
  LookupThreads threads{
      [state = state](const std::string&, std::uint16_t port) -> Result<std::vector<Address>> {
        ++state->lookups;
        if (state->fail) return Error{Code::upstream_dns, "no such host"};
        return std::vector<Address>{*literal_address("192.0.2.7", port)};
      }};
};

// Asks for one name after the other; from the second on, lookups fail.
Task<void> ask(Names& names, Resolver& resolver, std::vector<std::string> hosts,
               std::vector<Result<std::vector<Address>>>& answers) {
  const bool cancelled = false;
  for (const std::string& host : hosts) {
    std::string copy = host;
    auto answer = co_await resolver.resolve(std::move(copy), 443, cancelled);
    answers.push_back(std::move(answer));
    names.state->fail = true;
  }
  names.loop.stop();
}

std::vector<Result<std::vector<Address>>> answers_for(Names& names, Resolver::Limits limits,
                                                      std::vector<std::string> hosts) {
  Resolver resolver(names.loop, names.threads, limits);
  std::vector<Result<std::vector<Address>>> answers;
  spawn(ask(names, resolver, std::move(hosts), answers), &ignore, nullptr);
  names.loop.run();
  return answers;
}

TEST(Resolver, KeepsTheLastGoodAnswerWhenALookupFails) {
  Names names;
  const Resolver::Limits limits{std::chrono::milliseconds(0), std::chrono::seconds(5),
                                std::chrono::minutes(5)};
  const auto answers = answers_for(names, limits, {"name.example", "name.example", "other.example"});
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(names.state->lookups, 3);
  EXPECT_EQ((*answers[0]).front().text(), "192.0.2.7:443");
  EXPECT_TRUE(answers[1]);
  EXPECT_FALSE(answers[2]);
}

TEST(Resolver, FreshAnswersAndLiteralsNeedNoLookup) {
  Names names;
  for (const auto& answer : answers_for(names, {}, {"name.example", "127.0.0.1", "::1", "name.example"}))
    EXPECT_TRUE(answer);
  EXPECT_EQ(names.state->lookups, 1);
}

TEST(LookupThreads, ALookupThatHangsIsNotWaitedForAndTellsNobody) {
  std::promise<void> gate;
  const auto told = std::make_shared<std::atomic<bool>>(false);
  {
    LookupThreads threads(
        [open = gate.get_future().share()](const std::string&, std::uint16_t) -> Result<std::vector<Address>> {
          open.wait();
          return std::vector<Address>{};
        });
    threads.submit("name.example", 443, [told](Result<std::vector<Address>>) { *told = true; });
  }
  gate.set_value();
  const Time bound = Clock::now() + std::chrono::seconds(10);
  while (told.use_count() > 1 && Clock::now() < bound) std::this_thread::yield();
  EXPECT_EQ(told.use_count(), 1);
  EXPECT_FALSE(*told);
}

TEST(Address, ListenAddressesAreReadStrictly) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:80")->text(), "127.0.0.1:80");
  EXPECT_EQ(parse_listen_address("[::1]:80")->text(), "[::1]:80");
  EXPECT_EQ(parse_listen_address("*:0")->port(), 0);
  EXPECT_EQ(parse_listen_address("unix:/tmp/x")->text(), "unix:/tmp/x");
  for (const char* text :
       {"", "x", "1.2.3.4", "1.2.3.4:", "1.2.3.4:70000", "::1:80", "[::1:80", "host:80", "unix:"})
    EXPECT_FALSE(parse_listen_address(text)) << text;
}

TEST(Address, LinkLocalAddressesAreRecognised) {
  EXPECT_TRUE(literal_address("169.254.169.254", 80)->is_link_local());
  EXPECT_TRUE(literal_address("fe80::1", 80)->is_link_local());
  EXPECT_TRUE(literal_address("::ffff:169.254.1.1", 80)->is_link_local());
  EXPECT_FALSE(literal_address("10.0.0.1", 80)->is_link_local());
  EXPECT_FALSE(literal_address("2001:db8::1", 80)->is_link_local());
}

}  // namespace
}  // namespace kt::net

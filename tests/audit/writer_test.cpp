// The writer over a real directory, with the hands of the clock turned by the test.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <mutex>

#include "kt/audit/log.hpp"
#include "support/audit_log.hpp"

namespace kt::audit {
namespace {

using test::count;
using test::Directory;
using test::reason;
using test::segment;
using test::verified;
using test::Writer;
using namespace std::chrono_literals;

class AuditWriter : public testing::Test {
 protected:
  void open() {
    const Status status = writer.open();
    ASSERT_TRUE(status) << status.error().message;
  }
  std::string text(int number) const { return test::read(segment(directory.path, number)); }

  Directory directory;
  Writer writer{directory.path};
};

TEST_F(AuditWriter, ClosesALogThatVerifies) {
  open();
  for (int i = 0; i < 10; ++i) writer.request("r-" + std::to_string(i));
  writer.close();
  const Verified found = verified(directory.path);
  EXPECT_EQ(reason(found), "");
  EXPECT_TRUE(found.closed);
  EXPECT_TRUE(found.mac_checked);
  EXPECT_EQ(found.accepted, 10u);
  EXPECT_EQ(found.completed, 10u);
  EXPECT_EQ(found.after_checkpoint, 0u);
}

TEST_F(AuditWriter, SaysHowManyRecordsFollowTheLastCheckpoint) {
  open();
  writer.request("r-1");
  const Verified found = verified(directory.path);
  EXPECT_EQ(reason(found), "");
  EXPECT_FALSE(found.closed);
  EXPECT_EQ(found.after_checkpoint, 2u);
}

TEST_F(AuditWriter, ListsInterruptedRequestsAfterACrash) {
  open();
  writer.request("r-done");
  writer.accept("r-open");
  writer.crash();
  open();
  EXPECT_EQ(count(text(2), "\"event_type\":\"request.interrupted\""), 1u);
  EXPECT_EQ(count(text(2), "\"request_id\":\"r-open\""), 1u);
  EXPECT_EQ(count(text(2), "\"event_type\":\"audit.recovery\""), 1u);
  EXPECT_EQ(count(text(2), "\"previous\":\"crash\""), 2u);
  writer.close();
  EXPECT_EQ(reason(verified(directory.path)), "");
}

TEST_F(AuditWriter, RemembersRequestsThatAreOpenOverRotations) {
  open();
  writer.options.segment_bytes = 1;
  open();
  writer.accept("r-long");
  for (int i = 0; i < 3; ++i) writer.request("r-" + std::to_string(i));
  writer.crash();
  writer.options.segment_bytes = 64 << 20;
  open();
  std::string all;
  for (int number = 1; number <= 20; ++number) all += text(number);
  EXPECT_EQ(count(all, "\"event_type\":\"request.interrupted\""), 1u);
  EXPECT_EQ(reason(verified(directory.path)), "");
}

TEST_F(AuditWriter, RepairsATornTailAndRecordsIt) {
  open();
  writer.request("r-1");
  writer.crash();
  const std::string whole = text(1);
  test::write(segment(directory.path, 1), whole + whole.substr(whole.size() - 200, 100));
  open();
  EXPECT_EQ(text(1), whole);
  EXPECT_EQ(count(text(2), "\"torn_bytes\":100,"), 1u);
  EXPECT_EQ(test::read(state_directory(directory.path) + "/torn-1-" + std::to_string(whole.size())),
            whole.substr(whole.size() - 200, 100));
  EXPECT_EQ(reason(verified(directory.path)), "");
}

TEST_F(AuditWriter, EveryCutOfTheTailIsRepaired) {
  open();
  writer.accept("r-1");
  writer.accept("r-2");
  writer.crash();
  const std::string whole = text(1);
  const std::size_t first_line = whole.find('\n') + 1;
  const std::string keys = test::read(state_directory(directory.path) + "/mac-current.key");
  for (std::size_t size = first_line; size <= whole.size(); size += 41) {
    std::filesystem::remove(segment(directory.path, 2));
    test::write(segment(directory.path, 1), whole.substr(0, size));
    test::write(state_directory(directory.path) + "/mac-current.key", keys);
    open();
    writer.crash();
    EXPECT_EQ(reason(verified(directory.path)), "") << size;
    EXPECT_EQ(count(text(2), "request.interrupted"), count(text(1), "request.accepted")) << size;
  }
}

TEST_F(AuditWriter, KeepsDamageAndSaysSo) {
  open();
  writer.request("r-1");
  writer.hands.pass(11s);
  writer.engine->tick(true);
  writer.crash();
  std::string damaged = text(1);
  damaged[damaged.find("gpt-4o")] = 'G';
  test::write(segment(directory.path, 1), damaged);
  open();
  EXPECT_EQ(text(1), damaged);
  EXPECT_EQ(count(text(2), "\"previous\":\"damaged\""), 2u);
  writer.close();
  const Verified found = verified(directory.path);
  ASSERT_TRUE(found.fault);
  EXPECT_EQ(found.fault->seq, 1u);
}

TEST_F(AuditWriter, IssuesCheckpointsByCountByAgeWhenIdleAndEmpty) {
  writer.options.checkpoint_lines = 4;
  open();
  const auto checkpoints = [&] { return count(text(1), "\"event_type\":\"audit.checkpoint\""); };
  writer.request("r-1");
  writer.request("r-2");
  EXPECT_EQ(checkpoints(), 1u) << "by count";
  writer.request("r-3");
  writer.hands.pass(1100ms);
  writer.engine->tick(true);
  EXPECT_EQ(checkpoints(), 2u) << "when idle";
  writer.hands.pass(30s);
  writer.engine->tick(true);
  EXPECT_EQ(checkpoints(), 2u);
  writer.hands.pass(31s);
  writer.engine->tick(true);
  EXPECT_EQ(checkpoints(), 3u) << "empty";
  EXPECT_EQ(reason(verified(directory.path)), "");
}

TEST_F(AuditWriter, ForgetsTheKeysOfEarlierEpochs) {
  open();
  const std::string first = test::read(state_directory(directory.path) + "/mac-current.key");
  writer.request("r-1");
  writer.hands.pass(601s);
  writer.engine->tick(true);
  EXPECT_EQ(count(text(1), "\"closes_epoch\":true"), 1u);
  EXPECT_NE(test::read(state_directory(directory.path) + "/mac-current.key"), first);
  writer.request("r-2");
  writer.close();
  EXPECT_EQ(reason(verified(directory.path)), "");
}

TEST_F(AuditWriter, RotatesByAge) {
  open();
  writer.request("r-1");
  writer.hands.pass(25h);
  writer.engine->tick(true);
  writer.request("r-2");
  EXPECT_EQ(count(text(1), "\"reason\":\"age\""), 1u);
  EXPECT_EQ(count(text(2), "r-2"), 2u);
  EXPECT_EQ(reason(verified(directory.path)), "");
}

TEST_F(AuditWriter, RetiresWholeSegmentsWhenTheirTimeHasCome) {
  writer.options.retention_days = 3;
  open();
  for (int day = 0; day < 3; ++day) {
    writer.request("r-" + std::to_string(day));
    writer.hands.pass(24h);
    writer.engine->tick(true);
  }
  EXPECT_TRUE(std::filesystem::exists(segment(directory.path, 1)))
      << "three days are not over for its last record";
  writer.hands.pass(25h);
  writer.engine->tick(true);
  EXPECT_FALSE(std::filesystem::exists(segment(directory.path, 1)));
  EXPECT_TRUE(std::filesystem::exists(segment(directory.path, 2)));
  const Verified found = verified(directory.path);
  EXPECT_EQ(reason(found), "");
  EXPECT_GT(found.first_seq, 0u);
  std::filesystem::remove(segment(directory.path, 2));
  EXPECT_EQ(reason(verified(directory.path)), "the segment is missing and no line says that it was retired");
}

TEST_F(AuditWriter, RetiresNothingAfterTheClockJumped) {
  writer.options.retention_days = 1;
  open();
  writer.request("r-1");
  writer.hands.pass(25h);
  writer.engine->tick(true);
  writer.hands.jump(24h * 365 * 5);
  writer.hands.pass(2h);
  writer.engine->tick(true);
  EXPECT_TRUE(std::filesystem::exists(segment(directory.path, 1)));
  writer.hands.jump(-24h * 365 * 5 - 1h);
  writer.engine->tick(true);
  writer.request("r-2");
  writer.close();
  EXPECT_EQ(count(text(2), "\"event_type\":\"clock.jump\""), 2u);
  EXPECT_EQ(reason(verified(directory.path)), "");
}

TEST_F(AuditWriter, RefusesADirectoryThatIsInUse) {
  open();
  Writer second(directory.path);
  const Status status = second.open();
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("in use"), std::string::npos);
}

TEST_F(AuditWriter, RefusesALogWithoutItsKeys) {
  open();
  writer.close();
  std::filesystem::remove_all(state_directory(directory.path));
  EXPECT_FALSE(writer.open());
}

TEST_F(AuditWriter, KeepsKeysToItself) {
  open();
  for (const auto& entry : std::filesystem::directory_iterator(state_directory(directory.path))) {
    struct stat facts {};
    ASSERT_EQ(stat(entry.path().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST_F(AuditWriter, HandsOverToANewSigningKey) {
  open();
  writer.request("r-1");
  ASSERT_TRUE(writer.engine->rotate_signing_key());
  writer.request("r-2");
  writer.close();
  open();
  writer.request("r-3");
  writer.close();
  EXPECT_EQ(reason(verified(directory.path)), "");
  const std::string keys = state_directory(directory.path) + "/public.key";
  EXPECT_EQ(count(test::read(keys), "\n"), 2u);
  const std::string both = test::read(keys);
  test::write(keys, both.substr(both.find('\n') + 1));
  EXPECT_EQ(reason(verified(directory.path)), "signed with a key that is not the given public key");
}

TEST_F(AuditWriter, CopiesCheckpointsToAWitnessThatProvesACut) {
  writer.options.witness_file = directory.path + "/witness.jsonl";
  writer.options.checkpoint_lines = 2;
  open();
  for (int i = 0; i < 5; ++i) writer.request("r-" + std::to_string(i));
  writer.crash();
  VerifyOptions options;
  options.state_dir = directory.path;
  options.witness = writer.options.witness_file;
  auto found = verify_log(options);
  ASSERT_TRUE(found);
  EXPECT_EQ(reason(*found), "");
  EXPECT_EQ(found->witnessed, 5u);
  auto lines = test::lines_of(text(1));
  lines.resize(lines.size() - 3);
  test::write(segment(directory.path, 1), test::joined(lines));
  EXPECT_EQ(reason(verified(directory.path)), "") << "without the copy nobody can tell";
  EXPECT_EQ(reason(*verify_log(options)), "the witness has a checkpoint behind the log's end: it was cut");
}

TEST_F(AuditWriter, WritesPlainLinesWhenAskedAndVerifySaysSo) {
  writer.options.immutable = false;
  open();
  writer.request("r-1");
  writer.accept("r-2");
  writer.crash();
  open();
  writer.close();
  const std::string plain = test::read(record_directory(directory.path) + "/plain-0000000002.jsonl");
  EXPECT_EQ(count(plain, "\"prev\"") + count(plain, "\"mac\""), 0u);
  EXPECT_EQ(count(plain, "request.interrupted"), 1u);
  EXPECT_EQ(reason(verified(directory.path)), "the segment is not sealed: nothing proves it");
}

// --- a disk that fails: the directory is taken away
// -------------------------------------------------------------

TEST_F(AuditWriter, RefusesAndRecoversWhenNoSegmentCanBeMade) {
  writer.options.segment_bytes = 2000;
  open();
  writer.accept("r-1");
  // The next segment cannot be created: a directory stands where the file must appear.
  const std::string next = segment(directory.path, 2);
  std::filesystem::create_directories(next + "/x");
  writer.request("r-2");
  EXPECT_FALSE(writer.engine->accepting());
  struct Woken {
    int times = 0;
  } woken;
  Inbox inbox([](void* context) { ++static_cast<Woken*>(context)->times; }, &woken);
  Waiter waiter;
  waiter.inbox = &inbox;
  writer.accept("r-refused", &waiter);
  EXPECT_EQ(inbox.take(), &waiter);
  EXPECT_EQ(waiter.state, Waiter::State::refused);
  EXPECT_EQ(woken.times, 1);
  writer.complete("r-1");
  writer.hands.pass(300ms);
  writer.engine->tick(true);
  EXPECT_FALSE(writer.engine->accepting());
  std::filesystem::remove_all(next);
  writer.hands.pass(300ms);
  writer.engine->tick(true);
  EXPECT_TRUE(writer.engine->accepting());
  writer.request("r-3");
  writer.close();
  std::string all;
  for (int number = 1; number <= 20; ++number) all += text(number);
  EXPECT_EQ(count(all, "\"request_id\":\"r-refused\""), 0u);
  EXPECT_EQ(count(all, "\"request_id\":\"r-1\""), 2u);
  EXPECT_EQ(count(all, "\"request_id\":\"r-2\""), 2u);
  EXPECT_EQ(count(all, "\"request_id\":\"r-3\""), 2u);
  EXPECT_EQ(count(all, "\"event_type\":\"audit.gap\""), 1u);
  EXPECT_EQ(count(all, "\"refused\":1"), 1u);
  EXPECT_EQ(reason(verified(directory.path)), "");
}

// --- the thread
// -----------------------------------------------------------------------------------------------

TEST(AuditLog, TellsWaitersInOrder) {
  Directory directory;
  for (const Mode mode : {Mode::group, Mode::strict, Mode::async}) {
    Options options;
    options.state_dir = directory.path;
    options.mode = mode;
    auto log = Log::open(options);
    ASSERT_TRUE(log) << log.error().message;
    std::mutex mutex;
    std::condition_variable changed;
    struct Signal {
      std::mutex& mutex;
      std::condition_variable& changed;
      bool woken = false;
    } signal{mutex, changed};
    Inbox inbox(
        [](void* context) {
          auto& each = *static_cast<Signal*>(context);
          const std::scoped_lock lock(each.mutex);
          each.woken = true;
          each.changed.notify_one();
        },
        &signal);
    std::vector<Waiter> waiters(500);
    for (std::size_t i = 0; i < waiters.size(); ++i) {
      waiters[i].inbox = &inbox;
      const std::string id = "r-" + std::to_string(i);
      Record record;
      record.request_id = id;
      ASSERT_TRUE((*log)->submit({Kind::accepted, id, accepted_fields(record), &waiters[i]}));
    }
    std::size_t told = 0;
    while (told < waiters.size()) {
      std::unique_lock lock(mutex);
      ASSERT_TRUE(changed.wait_for(lock, 10s, [&] { return signal.woken; }));
      signal.woken = false;
      lock.unlock();
      for (Waiter* each = inbox.take(); each != nullptr; each = each->next) {
        EXPECT_EQ(each, &waiters[told]);
        EXPECT_EQ(each->state, Waiter::State::stored);
        ++told;
      }
    }
  }
  EXPECT_EQ(reason(verified(directory.path)), "");
}

// A quiet waiter is only marked; one that listens, or began to before the decision, finds it in its inbox.
TEST(AuditLog, WakesOnlyWhoListens) {
  Directory directory;
  Options options;
  options.state_dir = directory.path;
  auto log = Log::open(options);
  ASSERT_TRUE(log) << log.error().message;
  std::atomic<int> woken{0};
  Inbox inbox([](void* context) { ++*static_cast<std::atomic<int>*>(context); }, &woken);
  int listened = 0;
  for (int i = 0; i < 200; ++i) {
    Waiter waiter;
    waiter.inbox = &inbox;
    waiter.state = Waiter::State::quiet;
    const std::string id = "r-" + std::to_string(i);
    Record record;
    record.request_id = id;
    ASSERT_TRUE((*log)->submit({Kind::accepted, id, accepted_fields(record), &waiter}));
    const auto until = std::chrono::steady_clock::now() + 10s;
    const bool listens = i % 2 == 0 && waiter.listen();
    if (listens) {
      ++listened;
      (*log)->hurry();
      while (inbox.take() != &waiter) ASSERT_LT(std::chrono::steady_clock::now(), until);
    } else {
      while (waiter.state == Waiter::State::quiet) ASSERT_LT(std::chrono::steady_clock::now(), until);
      EXPECT_FALSE(waiter.listen());
    }
    EXPECT_EQ(waiter.state, Waiter::State::stored);
    ASSERT_TRUE((*log)->submit({Kind::completed, id, completed_fields(record), nullptr}));
  }
  EXPECT_EQ(woken, listened);
  log->reset();
  EXPECT_EQ(verified(directory.path).completed, 200u);
}

TEST(AuditLog, RefusesWhatDoesNotFitTheQueue) {
  Directory directory;
  Options options;
  options.state_dir = directory.path;
  options.queue_bytes = 100;
  auto log = Log::open(options);
  ASSERT_TRUE(log);
  const Status status = (*log)->submit({Kind::accepted, "r", std::string(200, ' '), nullptr});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::audit_unavailable);
  EXPECT_EQ((*log)->state().refused, 1u);
}

TEST(AuditLog, SaysWhyADirectoryIsNotUsable) {
  Directory directory;
  test::write(directory.path + "/file", "x");
  Options options;
  options.state_dir = directory.path + "/file";
  const auto log = Log::open(options);
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().message.find(options.state_dir), std::string::npos);
}

}  // namespace
}  // namespace kt::audit

// What is done to a log afterwards, and that verify sees it and names the place.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "support/audit_log.hpp"

namespace kt::audit {
namespace {

using test::Directory;
using test::lines_of;
using test::reason;
using test::segment;
using test::verified;
using test::Writer;

// Three segments and a clean end; about 40 lines.
void make_log(const std::string& state_dir, int requests = 12, std::uint32_t checkpoint_lines = 5) {
  Writer writer(state_dir);
  writer.options.checkpoint_lines = checkpoint_lines;
  writer.options.segment_bytes = static_cast<std::uint64_t>(requests) * 500;
  ASSERT_TRUE(writer.open());
  for (int i = 0; i < requests; ++i) writer.request("r-" + std::to_string(i));
  writer.close();
}

class AuditTampering : public testing::Test {
 protected:
  void SetUp() override { set_up(12); }
  void set_up(int requests, std::uint32_t checkpoint_lines = 5) {
    make_log(directory.path, requests, checkpoint_lines);
    ASSERT_EQ(reason(verified(directory.path)), "");
    for (int number = 1; std::filesystem::exists(segment(directory.path, number)); ++number)
      texts.push_back(test::read(segment(directory.path, number)));
    ASSERT_GE(texts.size(), 3u);
  }
  int segments() const { return static_cast<int>(texts.size()); }
  std::uint64_t first_seq(int number) const {
    std::uint64_t seq = 0;
    for (int i = 1; i < number; ++i) seq += lines_of(texts[static_cast<std::size_t>(i - 1)]).size();
    return seq;
  }
  void put(int number, const std::string& text) const { test::write(segment(directory.path, number), text); }
  void restore() const {
    for (int number = 1; number <= segments(); ++number)
      put(number, texts[static_cast<std::size_t>(number - 1)]);
  }
  // Every fault must be found, at this line or at the next one.
  void expect_fault_near(std::uint64_t seq, const std::string& what) const {
    const Verified found = verified(directory.path);
    ASSERT_TRUE(found.fault) << what;
    ASSERT_TRUE(found.fault->seq) << what << ": " << found.fault->reason;
    EXPECT_GE(*found.fault->seq + 1, seq) << what << ": " << found.fault->reason;
    EXPECT_LE(*found.fault->seq, seq + 1) << what << ": " << found.fault->reason;
  }

  Directory directory;
  std::vector<std::string> texts;
};

TEST_F(AuditTampering, EveryKindOfChangeToALineIsFound) {
  for (int number = 1; number <= segments(); ++number) {
    const auto lines = lines_of(texts[static_cast<std::size_t>(number - 1)]);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::uint64_t seq = first_seq(number) + i;
      auto changed = lines;
      changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
      put(number, test::joined(changed));
      expect_fault_near(seq, "deleted " + std::to_string(seq));
      changed = lines;
      changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
      put(number, test::joined(changed));
      expect_fault_near(seq, "doubled " + std::to_string(seq));
      if (i + 1 < lines.size()) {
        changed = lines;
        std::swap(changed[i], changed[i + 1]);
        put(number, test::joined(changed));
        expect_fault_near(seq, "swapped " + std::to_string(seq));
      }
      changed = lines;
      changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), lines[(i + 3) % lines.size()]);
      put(number, test::joined(changed));
      expect_fault_near(seq, "inserted at " + std::to_string(seq));
      changed.assign(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(i));
      put(number, test::joined(changed));
      ASSERT_TRUE(verified(directory.path).fault) << "cut at line " << seq;
    }
    restore();
  }
}

TEST_F(AuditTampering, CutsInsideALineAreFound) {
  for (int number = 1; number <= segments(); ++number) {
    const std::string& text = texts[static_cast<std::size_t>(number - 1)];
    for (std::size_t size = 0; size < text.size(); size += 61) {
      put(number, text.substr(0, size));
      ASSERT_TRUE(verified(directory.path).fault) << number << " cut to " << size;
    }
    restore();
  }
}

TEST_F(AuditTampering, ASampleOfSingleBitsIsFoundAtItsLine) {
  for (int number = 1; number <= segments(); ++number) {
    const std::string& text = texts[static_cast<std::size_t>(number - 1)];
    for (std::size_t at = static_cast<std::size_t>(number); at < text.size(); at += 53) {
      std::string changed = text;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      put(number, changed);
      const std::uint64_t seq =
          first_seq(number) + static_cast<std::uint64_t>(std::count(
                                  text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
      expect_fault_near(seq, "bit at " + std::to_string(at));
    }
    restore();
  }
}

// Takes minutes: run by tests/integration/audit_log_test.py --long.
class AuditTamperingLong : public AuditTampering {
 protected:
  void SetUp() override { set_up(100, 50); }
  // Flips one bit of every byte whose number leaves `rest` when divided by two, in a copy of its own.
  void flip_half(std::size_t rest, std::atomic<std::size_t>& found, std::atomic<std::size_t>& missed) const {
    const Directory mine;
    std::filesystem::copy(directory.path, mine.path, std::filesystem::copy_options::recursive);
    for (int number = 1; number <= segments(); ++number) {
      const std::string& text = texts[static_cast<std::size_t>(number - 1)];
      std::fstream file(segment(mine.path, number), std::ios::in | std::ios::out | std::ios::binary);
      const auto put_byte = [&](std::size_t at, char byte) {
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte).flush();
      };
      for (std::size_t at = rest; at < text.size(); at += 2) {
        put_byte(at, static_cast<char>(text[at] ^ (1 << (at * 7 % 8))));
        ++(verified(mine.path).fault ? found : missed);
        put_byte(at, text[at]);
      }
    }
    EXPECT_EQ(reason(verified(mine.path)), "");
  }
};

TEST_F(AuditTamperingLong, DISABLED_EverySingleByteWithOneBitFlippedIsFound) {
  std::atomic<std::size_t> found{0}, missed{0};
  std::thread other([&] { flip_half(1, found, missed); });
  flip_half(0, found, missed);
  other.join();
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  EXPECT_EQ(missed, 0u);
  EXPECT_EQ(found, bytes);
  std::printf("%zu flips found\n", found.load());
}

TEST_F(AuditTampering, SegmentsCannotBeRemovedSwappedOrRenamed) {
  for (int number = 1; number <= segments(); ++number) {
    std::filesystem::remove(segment(directory.path, number));
    EXPECT_TRUE(verified(directory.path).fault) << "removed " << number;
    restore();
    if (number == segments()) continue;
    put(number, texts[static_cast<std::size_t>(number)]);
    put(number + 1, texts[static_cast<std::size_t>(number - 1)]);
    EXPECT_TRUE(verified(directory.path).fault) << "swapped " << number;
    restore();
  }
  put(segments() + 1, texts.back());
  EXPECT_TRUE(verified(directory.path).fault) << "the last one twice";
}

TEST_F(AuditTampering, ASegmentOfAnotherLogIsFound) {
  Directory other;
  make_log(other.path);
  put(2, test::read(segment(other.path, 2)));
  const Verified found = verified(directory.path);
  ASSERT_TRUE(found.fault);
  EXPECT_EQ(found.fault->segment, segment_name(true, 2));
}

TEST_F(AuditTampering, AWholeOtherLogIsOfAnotherKey) {
  Directory other;
  make_log(other.path);
  std::filesystem::remove_all(record_directory(directory.path));
  std::filesystem::copy(record_directory(other.path), record_directory(directory.path));
  EXPECT_EQ(reason(verified(directory.path)), "signed with a key that is not the given public key");
}

TEST_F(AuditTampering, StrippedSealsAreFound) {
  std::string text;
  for (std::string line : lines_of(texts[0])) {
    line.resize(line.find(",\"prev\":"));
    text += line + "}\n";
  }
  put(1, text);
  EXPECT_TRUE(verified(directory.path).fault);
  text = texts[0];
  const std::size_t sig = text.find(",\"sig\":");
  put(1, text.erase(sig, text.find(",\"mac\":") - sig));
  EXPECT_TRUE(verified(directory.path).fault);
}

// A thief of the running process has the MAC key of the present epoch and the signing key, not earlier MAC
// keys.
TEST_F(AuditTampering, LinesSealedAgainWithALaterKeyAreFound) {
  auto keys = load_or_create_keys(state_directory(directory.path));
  ASSERT_TRUE(keys);
  ASSERT_GT(keys->current.epoch, 0u);
  Chain forger(true, std::move(*keys), {});
  forger.begin_segment();
  std::string forged;
  for (const std::string& line : lines_of(texts[0])) {
    const std::size_t begin = line.find("\"event_type\"");
    const auto sign = line.find(",\"sig\":") != line.npos ? Chain::Sign::yes : Chain::Sign::no;
    forger.seal(std::string_view(line).substr(begin, line.find(",\"prev\":") - begin), sign, forged);
  }
  put(1, forged);
  const Verified found = verified(directory.path);
  ASSERT_TRUE(found.fault);
  EXPECT_EQ(found.fault->seq, 0u);
  EXPECT_EQ(found.fault->reason, "the MAC does not match");
}

TEST_F(AuditTampering, TheEndOfAClosedLogCannotBeTakenAway) {
  auto lines = lines_of(texts.back());
  lines.pop_back();
  put(segments(), test::joined(lines));
  EXPECT_EQ(reason(verified(directory.path)), "segment.end is missing behind audit.close");
  lines.pop_back();
  put(segments(), test::joined(lines));
  EXPECT_EQ(reason(verified(directory.path)),
            "lines are missing at the end: the writer has closed more epochs than the log shows");
}

TEST_F(AuditTampering, FilesThatDoNotBelongAreNamed) {
  test::write(record_directory(directory.path) + "/notes.txt", "hello");
  const Verified found = verified(directory.path);
  ASSERT_TRUE(found.fault);
  EXPECT_EQ(found.fault->segment, "notes.txt");
}

TEST_F(AuditTampering, ForeignContentIsNotALog) {
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string(300'000, 'x'), std::string(5000, '\0'),
        std::string("{}\n"), std::string("\xff\xfe{\"v\":1}\n")}) {
    put(1, text);
    EXPECT_TRUE(verified(directory.path).fault);
  }
}

TEST_F(AuditTampering, AWrongKeyIsSaid) {
  Directory other;
  ASSERT_TRUE(load_or_create_keys(other.path));
  VerifyOptions options;
  options.state_dir = directory.path;
  options.public_key = other.path + "/public.key";
  auto found = verify_log(options);
  ASSERT_TRUE(found);
  EXPECT_EQ(reason(*found), "signed with a key that is not the given public key");
  options.public_key = {};
  options.mac_key = other.path + "/mac-root.key";
  found = verify_log(options);
  ASSERT_TRUE(found);
  EXPECT_EQ(reason(*found), "the MAC does not match");
  options.mac_key = other.path + "/signing.key";
  EXPECT_FALSE(verify_log(options)) << "not a MAC key file";
  options.mac_key = other.path + "/none";
  EXPECT_FALSE(verify_log(options));
}

TEST_F(AuditTampering, ACopyWithoutAnyKeyIsReadWithTheKeyItNames) {
  Directory copy;
  std::filesystem::copy(record_directory(directory.path), record_directory(copy.path));
  const Verified found = verified(copy.path);
  EXPECT_EQ(reason(found), "");
  EXPECT_EQ(found.key_source, "the log itself");
  EXPECT_FALSE(found.mac_checked);
}

TEST_F(AuditTampering, PartsOfALogAreVerifiedByTime) {
  VerifyOptions options;
  options.state_dir = directory.path;
  options.from = system_clock().wall() + std::chrono::hours(1);
  const auto found = verify_log(options);
  ASSERT_TRUE(found);
  EXPECT_EQ(reason(*found), "");
  EXPECT_TRUE(found->partial);
  EXPECT_EQ(found->segments, 1u);
}

TEST(AuditVerify, NoDirectoryIsAnError) {
  Directory directory;
  VerifyOptions options;
  options.state_dir = directory.path + "/none";
  EXPECT_FALSE(verify_log(options));
}

}  // namespace
}  // namespace kt::audit

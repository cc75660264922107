#include "routing/accounts.hpp"

#include <algorithm>
#include <charconv>
#include <functional>

#include "kt/base/crypto.hpp"

namespace kt::routing {
namespace {

// 16 bits for the period (days since 1970 until the year 2149), 48 for the amount: 281,000 USD in nano-USD;
// what is more stays there.
constexpr int kAmountBits = 48;
constexpr std::uint64_t kAmountMask = (std::uint64_t{1} << kAmountBits) - 1;

std::size_t bucket_of(std::string_view id) { return std::hash<std::string_view>()(id) % 256; }

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned byte = 0;
    const char* end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, byte, 16).ptr != end) return {};
    out += static_cast<char>(byte);
  }
  return text.size() % 2 == 0 ? out : std::string();
}

std::string_view next_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

bool number(std::string_view word, std::int64_t& value) {
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, value);
  return read.ec == std::errc() && read.ptr == end && value >= 0;
}

bool read_line(std::string_view line, std::string& id, std::array<std::int64_t, 6>& numbers) {
  id = unhex(next_word(line));
  for (std::int64_t& each : numbers) {
    if (!number(next_word(line), each)) return false;
  }
  return !id.empty() && line.empty();
}

}  // namespace

void PeriodSum::add(std::uint32_t period, std::int64_t amount) {
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  for (;;) {
    const auto known = static_cast<std::uint32_t>(word >> kAmountBits);
    // A reservation of a period that is over went with it; what was used just before midnight counts now.
    if (amount < 0 && known != period) return;
    const std::uint32_t into = std::max(known, period);
    const auto sum = known == into ? static_cast<std::int64_t>(word & kAmountMask) : 0;
    const auto cap = static_cast<std::int64_t>(kAmountMask);
    const auto next =
        static_cast<std::uint64_t>(std::clamp<std::int64_t>(sum + std::min(amount, cap), 0, cap));
    if (word_.compare_exchange_weak(word, std::uint64_t{into} << kAmountBits | next,
                                    std::memory_order_relaxed))
      return;
  }
}

std::int64_t PeriodSum::of(std::uint32_t period) const {
  const std::uint64_t word = word_.load(std::memory_order_relaxed);
  return word >> kAmountBits == period ? static_cast<std::int64_t>(word & kAmountMask) : 0;
}

std::uint32_t PeriodSum::period() const {
  return static_cast<std::uint32_t>(word_.load(std::memory_order_relaxed) >> kAmountBits);
}

Accounts::~Accounts() {
  for (auto& bucket : buckets_) {
    for (Account* account = bucket.load(); account != nullptr;) {
      Account* next = account->next;
      delete account;
      account = next;
    }
  }
}

Account* Accounts::find(std::string_view id) const {
  Account* account = buckets_[bucket_of(id)].load(std::memory_order_acquire);
  while (account != nullptr && account->id != id) account = account->next;
  return account;
}

Account& Accounts::open(const std::string& id) {
  const std::lock_guard lock(opening_);
  if (Account* known = find(id)) return *known;
  auto* account = new Account(id);
  auto& bucket = buckets_[bucket_of(id)];
  account->next = bucket.load(std::memory_order_relaxed);
  bucket.store(account, std::memory_order_release);
  return *account;
}

std::string Accounts::text() const {
  std::string out;
  for (const auto& bucket : buckets_) {
    for (const Account* each = bucket.load(std::memory_order_acquire); each != nullptr; each = each->next) {
      const std::uint32_t day = std::max(each->day_nano_usd.period(), each->day_tokens.period());
      const std::uint32_t month = std::max(each->month_nano_usd.period(), each->month_tokens.period());
      out += hex(each->id);
      for (const std::int64_t value :
           {std::int64_t{day}, each->day_nano_usd.of(day), each->day_tokens.of(day), std::int64_t{month},
            each->month_nano_usd.of(month), each->month_tokens.of(month)})
        out += ' ' + std::to_string(value);
      out += '\n';
    }
  }
  return out;
}

Status Accounts::read(std::string_view text) {
  bool broken = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string id;
    std::array<std::int64_t, 6> numbers{};
    if (read_line(text.substr(0, end), id, numbers)) {
      Account& account = open(id);
      const auto day = static_cast<std::uint32_t>(numbers[0]), month = static_cast<std::uint32_t>(numbers[3]);
      account.day_nano_usd.add(day, numbers[1]);
      account.day_tokens.add(day, numbers[2]);
      account.month_nano_usd.add(month, numbers[4]);
      account.month_tokens.add(month, numbers[5]);
    } else {
      broken = true;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (broken) return Error{Code::internal, "the file of the budgets has an unreadable line"};
  return {};
}

}  // namespace kt::routing

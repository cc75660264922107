#include "text/context.hpp"

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <vector>

#include "text/memo.hpp"

namespace kt::text {
namespace {

int byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool same_at(std::string_view text, std::size_t at, std::string_view word) {
  if (text.size() - at < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(byte_at(text, at + i)) != byte_at(word, i)) return false;
  }
  return true;
}

// Words of scripts without spaces have no boundaries to look for.
bool begins_word(std::string_view text, std::size_t at) {
  if (at == 0 || byte_at(text, at) >= 0x80 || !is_alpha(byte_at(text, at - 1))) return true;
  return is_lower(byte_at(text, at - 1)) && is_upper(byte_at(text, at));
}

bool ends_word(std::string_view text, std::size_t end) {
  return end >= text.size() || !is_alpha(byte_at(text, end - 1)) || !is_alpha(byte_at(text, end));
}

struct Entry {
  std::string_view word;
  std::size_t list = 0;
  bool open = false, inner = false;
};

std::vector<std::string_view>& lists() {
  static std::vector<std::string_view> all;
  return all;
}

// All lists' words by a hash of their first two bytes, and each list's words with their last bytes.
class Lexicon {
 public:
  Lexicon();
  // False: no word of `list` ends in these two bytes.
  [[nodiscard]] bool may_end(std::size_t list, int last_but_one, int last) const {
    return ends_[list].test(bucket(last_but_one, last));
  }
  [[nodiscard]] const std::vector<std::string_view>& words(std::size_t list) const { return words_[list]; }

  // Notes the words that begin in [from, to) and end at or before `until`. Behind the last byte that need
  // not be searched again.
  std::size_t search(std::string_view text, std::size_t from, std::size_t to, std::size_t until,
                     ContextMemo& memo) const;

 private:
  static constexpr std::size_t kBuckets = 4096;
  static std::size_t bucket(int first, int second) {
    return static_cast<std::size_t>(first * 37 + second) & (kBuckets - 1);
  }
  void add(std::string_view word, std::size_t list);

  std::vector<Entry> entries_;
  std::array<std::uint16_t, kBuckets + 1> begins_{};
  std::array<bool, 256> first_{}, first_inner_{};
  std::array<std::vector<std::string_view>, kMostLists> words_;
  std::array<std::bitset<kBuckets>, kMostLists> ends_;
};

void Lexicon::add(std::string_view word, std::size_t list) {
  Entry entry{word, list, word.ends_with('*'), word.starts_with('*')};
  if (entry.open) entry.word.remove_suffix(1);
  if (entry.inner) entry.word.remove_prefix(1);
  if (entry.word.size() < 2) return;
  const auto first = static_cast<std::size_t>(byte_at(entry.word, 0));
  first_[first] = true;
  first_inner_[first] |= entry.inner;
  words_[list].push_back(entry.word);
  const std::string_view end = entry.word.substr(entry.word.size() - 2);
  ends_[list].set(bucket(byte_at(end, 0), byte_at(end, 1)));
  entries_.push_back(entry);
}

Lexicon::Lexicon() {
  if (lists().size() > kMostLists) std::abort();
  for (std::size_t list = 0; list < lists().size(); ++list) {
    const std::string_view words = lists()[list];
    for (std::size_t begin = 0; begin <= words.size();) {
      const std::size_t end = std::min(words.find('|', begin), words.size());
      add(words.substr(begin, end - begin), list);
      begin = end + 1;
    }
  }
  const auto bucket_of = [](const Entry& each) {
    return bucket(byte_at(each.word, 0), byte_at(each.word, 1));
  };
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const Entry& a, const Entry& b) { return bucket_of(a) < bucket_of(b); });
  for (const Entry& each : entries_) ++begins_[bucket_of(each) + 1];
  for (std::size_t i = 0; i < kBuckets; ++i)
    begins_[i + 1] = static_cast<std::uint16_t>(begins_[i + 1] + begins_[i]);
}

std::size_t Lexicon::search(std::string_view text, std::size_t from, std::size_t to, std::size_t until,
                            ContextMemo& memo) const {
  std::size_t done = to;
  for (std::size_t at = from; at < to && at + 1 < text.size(); ++at) {
    const int first = lower(byte_at(text, at));
    if (!first_[static_cast<std::size_t>(first)]) continue;
    const bool begins = begins_word(text, at);
    if (!begins && !first_inner_[static_cast<std::size_t>(first)]) continue;
    const std::size_t key = bucket(first, lower(byte_at(text, at + 1)));
    for (std::size_t i = begins_[key]; i < begins_[key + 1]; ++i) {
      const Entry& each = entries_[i];
      const std::size_t end = at + each.word.size();
      if ((!begins && !each.inner) || !same_at(text, at, each.word)) continue;
      if (end > until) {
        done = std::min(done, at);  // it stands before a later value
      } else if (each.open || ends_word(text, end)) {
        memo.last[each.list] = std::max(memo.last[each.list], at + 1);
      }
    }
  }
  return done;
}

const Lexicon& lexicon() {
  static const Lexicon all;
  return all;
}

constexpr ByteSet kSeparators(" \t\r\n:=#\"'`>|,()[]{}*_-.?");
bool separator(std::string_view text, std::size_t i) { return kSeparators.has(byte_at(text, i)); }

constexpr std::size_t kLongestLabel = 64;

std::size_t without_separators(std::string_view text, std::size_t low, std::size_t end) {
  while (end > low && separator(text, end - 1)) --end;
  return end;
}

// "is", "no", "number": between a label and its value.
constexpr std::string_view kLinks[] = {"is", "was", "no", "number", "num", "nr", "code", "id", "a"};

std::size_t without_links(std::string_view text, std::size_t low, std::size_t end) {
  constexpr std::size_t kLongestLink = 6;
  for (int i = 0; i < 3; ++i) {
    std::size_t begin = end;
    while (begin > low && end - begin <= kLongestLink && !separator(text, begin - 1)) --begin;
    const std::size_t size = end - begin;
    if (begin == low || size == 0 || size > kLongestLink) break;
    if (std::none_of(std::begin(kLinks), std::end(kLinks), [&](std::string_view link) {
          return link.size() == size && same_at(text, begin, link);
        }))
      break;
    end = without_separators(text, low, begin);
  }
  return end;
}

// The ends of the label before `at`.
void find_label(std::string_view text, std::size_t at, ContextMemo& memo) {
  const std::size_t low = at > kLongestLabel ? at - kLongestLabel : 0;
  std::size_t end = at;
  while (end > low && separator(text, end - 1)) {
    --end;
    if (end == memo.label_at && end != 0) end = memo.full;  // the same run of separators
  }
  memo.label_at = at;
  memo.full = std::max(end, low);
  memo.core = without_links(text, low, memo.full);
}

bool ends_with_word(std::string_view text, std::size_t low, std::size_t end, const Words& words) {
  if (end - low < 2) return false;
  const Lexicon& all = lexicon();
  if (!all.may_end(words.id(), lower(byte_at(text, end - 2)), lower(byte_at(text, end - 1)))) return false;
  for (const std::string_view word : all.words(words.id())) {
    if (end - low < word.size()) continue;
    const std::size_t at = end - word.size();
    if (same_at(text, at, word) && (at == low || begins_word(text, at))) return true;
  }
  return false;
}

}  // namespace

Words::Words(const char* words) : empty_(*words == 0) {
  const std::string_view list = words;
  const auto known = std::find(lists().begin(), lists().end(), list);
  id_ = static_cast<std::size_t>(known - lists().begin());
  if (known == lists().end()) lists().push_back(list);
}

bool near(const Reader& reader, std::size_t at, std::size_t reach, const Words& words) {
  // Whether a word begins there is told by the byte before it, which must be in what a stream keeps.
  reach = std::min(reach, kContext - 4);
  ContextMemo& memo = reader.memo->context;
  const std::size_t low = at > reach ? at - reach : 0;
  if (low > memo.to || memo.from == memo.to) memo.from = memo.to = low;
  if (low < memo.from) {
    lexicon().search(reader.text, low, memo.from, at, memo);
    memo.from = low;
  }
  if (memo.to < at) memo.to = lexicon().search(reader.text, memo.to, at, at, memo);
  return memo.last[words.id()] > low;
}

bool labelled(const Reader& reader, std::size_t at, const Words& words) {
  ContextMemo& memo = reader.memo->context;
  if (memo.label_at != at) find_label(reader.text, at, memo);
  const std::size_t low = at > kLongestLabel ? at - kLongestLabel : 0;
  return ends_with_word(reader.text, low, memo.full, words) ||
         (memo.core != memo.full && ends_with_word(reader.text, low, memo.core, words));
}

std::string_view label_of(std::string_view before) {
  if (before.size() > kLongestLabel) before = before.substr(before.size() - kLongestLabel);
  constexpr std::size_t kMostBetween = 24;
  static constexpr ByteSet kBetween(" \t\"'`:=>,");
  std::size_t end = before.size();
  bool separated = false, comma = false, quoted = false;
  while (end > 0 && before.size() - end < kMostBetween && kBetween.has(byte_at(before, end - 1))) {
    const char c = before[--end];
    separated |= c == ':' || c == '=' || c == '>';
    comma |= c == ',';
    quoted |= c == '"' || c == '\'';
  }
  if (before.size() - end == kMostBetween) return {};
  if (!separated && !(comma && quoted)) {
    const std::string_view words = before.substr(0, end);
    if (!words.ends_with(" is") && !words.ends_with(" was")) return {};
    end = words.rfind(' ');
  }
  return before.substr(0, end);
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (same_at(text, at, word)) return true;
  }
  return false;
}

}  // namespace kt::text

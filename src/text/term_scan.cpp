#include "text/term_scan.hpp"

#include <algorithm>

#include "text/edit_distance.hpp"

namespace kt::text {
namespace {

constexpr std::size_t kGap = TermFinder::kGap;
constexpr unsigned kSpelledGap = 3;  // separators between spelled letters
constexpr unsigned kLeastSpelled = 4, kLeastLeet = 3;
// What decides whether a match may begin: the character before it and, for spelled words, the word before.
constexpr std::size_t kLookBack = 3 + kSpelledGap;

void count(std::uint8_t& number) {
  if (number < 255) ++number;
}

}  // namespace

TermScan::TermScan(const TermFinder::Tables& tables, const Window& window, TermScratch& scratch)
    : tables_(tables),
      window_(window),
      scratch_(scratch),
      characters_(window.text, window.from, scratch.folded),
      fuzzy_(!tables.fuzzy.empty()) {
  scratch_.items.clear();
  scratch_.starts.clear();
  scratch_.word.clear();
}

Found TermScan::run() {
  look_back();
  skim();
  for (Visible v; characters_.next(v);) {
    step(v);
    if (decided()) return match();
    if (scratch_.items.empty() && !word_open_) skim();
  }
  return finish();
}

// A few characters are enough, however many bytes they take; never more than kContext bytes.
void TermScan::look_back() {
  const auto boundary = [&](std::size_t back) {
    std::size_t at = window_.from > back ? window_.from - back : 0;
    while (at < window_.from && (static_cast<unsigned char>(window_.text[at]) & 0xc0) == 0x80) ++at;
    return at;
  };
  const std::size_t near = boundary(kLookBack + 2);
  if (replay(near) >= kLookBack || near == 0) return;
  place_ = {};
  replay(boundary(kContext));
}

std::size_t TermScan::replay(std::size_t begin) {
  Folded& folded = scratch_.folded;
  Visibles before(window_.text.substr(0, window_.from), begin, folded);
  std::size_t seen = 0;
  for (Visible v; before.next(v); ++seen) track(v);
  folded.text.clear();
  return seen;
}

bool TermScan::begins_word(const Visible& v) const {
  if (v.kind == CharClass::separator) return false;
  const bool hard = place_.any && v.begin - place_.word_end > kGap;
  return hard || v.kind == CharClass::solo || place_.last != CharClass::word;
}

// Whether the word before the one that begins at `at` is one letter that spells. One that is an article does
// not.
bool TermScan::spelled_before(std::size_t at) const {
  const bool article = place_.word_first == 'a' || place_.word_first == 'i';
  return place_.any && at - place_.word_end <= kGap && place_.word_length == 1 && !article &&
         place_.separators > 0 && place_.separators <= kSpelledGap;
}

void TermScan::track(const Visible& v) {
  if (v.kind == CharClass::separator) {
    ++place_.separators;
    place_.last = v.kind;
    return;
  }
  if (begins_word(v)) {
    place_.spelled_before = spelled_before(v.begin);
    place_.word_length = v.kind == CharClass::solo ? 2 : 1;
    place_.word_first = v.value;
  } else {
    place_.word_length = 2;
  }
  place_.any = true;
  place_.separators = 0;
  place_.word_end = v.end;
  place_.last = v.kind;
}

// Passes over ASCII text in which no match can begin; most texts are little else.
void TermScan::skim() {
  if (!characters_.between_folds()) return;
  const std::string_view text = window_.text;
  std::size_t at = characters_.at();
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (kAsciiWord[byte]) {
      std::size_t end = at + 1;
      while (end < text.size() && kAsciiWord[static_cast<unsigned char>(text[end])]) ++end;
      const bool goes_on = place_.last == CharClass::word && at <= place_.word_end + kGap;
      if (!goes_on && may_begin(text.substr(at, end - at), end)) break;
      pass_word(byte, goes_on ? 2 : end - at, end);
      at = end;
    } else if (kFoldedAscii[byte] == 0) {
      if (byte >= 0x80) break;
      ++at;
    } else {
      const bool sign = place_.last != CharClass::word && is_leet(byte);
      const std::size_t passed = sign ? signs_to_pass(at) : 1;
      if (passed == 0) break;
      place_.separators += static_cast<unsigned>(passed);
      place_.last = CharClass::separator;
      at += passed;
    }
  }
  characters_.jump(at);
}

// How many of the signs at `at` no match begins with: all of them where the run ends without a letter or
// digit, else those before the last few.
std::size_t TermScan::signs_to_pass(std::size_t at) const {
  const std::string_view text = window_.text;
  std::size_t end = at + 1;
  while (end < text.size() && is_leet(static_cast<unsigned char>(text[end])) &&
         !kAsciiWord[static_cast<unsigned char>(text[end])])
    ++end;
  const auto next = static_cast<unsigned char>(end < text.size() ? text[end] : '\0');
  const bool closed = end == text.size() ? window_.end : !kAsciiWord[next] && kFoldedAscii[next] != 0;
  if (closed) return end - at;
  return end - at - std::min(end - at, tables_.longest_signs);
}

// Whether a term can begin with an ASCII word of the text, or the word does not surely end at `end`.
bool TermScan::may_begin(std::string_view word, std::size_t end) const {
  const auto folded = [&](std::size_t i) {
    return static_cast<unsigned char>(kFoldedAscii[static_cast<unsigned char>(word[i])]);
  };
  const bool open =
      end == window_.text.size() || kFoldedAscii[static_cast<unsigned char>(window_.text[end])] == 0;
  if (fuzzy_ && (open || may_be_near(word))) return true;
  const int second = word.size() > 1 ? alphabet_bit(folded(1)) : kSpaceBit;
  if ((tables_.beginnings[static_cast<std::size_t>(alphabet_bit(folded(0)))] >> second & 1) == 0)
    return open && word.size() == 1;
  if (open || is_leet(static_cast<unsigned char>(window_.text[end]))) return true;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::all_of(word.begin(), word.end(), is_digit)) return starts_with_digits(word);
  const bool spells = word.size() == 1 && !spelled_before(end - 1) && may_be_spelled(end);
  return spells || is_first_word(word);
}

// Whether a term's first word is these digits; for letters they stand only beside letters.
bool TermScan::starts_with_digits(std::string_view word) const {
  NodeId node = kRoot;
  for (const char c : word) {
    node = tables_.child(node, static_cast<unsigned char>(c));
    if (node == kNoNode) return false;
  }
  return true;
}

// A word of one letter, and the next one is not surely longer.
bool TermScan::may_be_spelled(std::size_t end) const {
  const auto is_word = [&](std::size_t at) {
    return at < window_.text.size() && kAsciiWord[static_cast<unsigned char>(window_.text[at])];
  };
  return !is_word(end + 1) || !is_word(end + 2);
}

// Whether a term's first word is this one, or may be with digits for letters.
bool TermScan::is_first_word(std::string_view word) const {
  NodeId node = kRoot;
  for (const char c : word) {
    const auto value = static_cast<unsigned char>(kFoldedAscii[static_cast<unsigned char>(c)]);
    if (is_leet(value)) return true;
    node = tables_.child(node, value);
    if (node == kNoNode) return false;
  }
  return tables_.nodes[node].term >= 0 || tables_.child(node, ' ') != kNoNode;
}

void TermScan::pass_word(unsigned char first, std::size_t characters, std::size_t end) {
  place_.any = true;
  place_.last = CharClass::word;
  place_.word_first = static_cast<unsigned char>(kFoldedAscii[first]);
  place_.word_length = characters > 1 ? 2 : 1;
  place_.word_end = static_cast<std::uint32_t>(end);
  place_.separators = 0;
}

bool TermScan::may_be_near(std::string_view word) const {
  if (word.size() > tables_.longest_fuzzy) return false;
  std::uint64_t bits = 0;
  for (const char c : word)
    bits |= signature_bit(static_cast<unsigned char>(kFoldedAscii[static_cast<unsigned char>(c)]));
  const TermNode& root = tables_.nodes[kRoot];
  for (std::uint32_t i = root.words; i < root.words_end; ++i) {
    const FuzzyWord& each = tables_.fuzzy[i];
    const bool length =
        word.size() <= each.text.size() + each.limit && each.text.size() <= word.size() + each.limit;
    if (length && __builtin_popcountll(bits ^ each.signature) <= 2 * each.limit) return true;
  }
  return false;
}

void TermScan::step(const Visible& v) {
  const bool begins = begins_word(v);
  const bool sign = v.kind == CharClass::separator && place_.last != CharClass::word && is_leet(v.value);
  if (word_open_ && (begins || v.kind != CharClass::word)) end_fuzzy_word();
  track(v);
  if (fuzzy_ && begins && v.kind == CharClass::word) {
    word_open_ = true;
    scratch_.word.clear();
  }
  if (!scratch_.items.empty()) {
    scratch_.next.clear();
    std::swap(scratch_.items, scratch_.next);
    for (const TermItem& item : scratch_.next) advance(item, v);
  }
  if (begins || sign) start(v);
  if (word_open_ && scratch_.word.size() <= tables_.longest_fuzzy) scratch_.word += v.value;
}

void TermScan::start(const Visible& v) {
  TermItem root;
  root.begin = v.begin;
  root.phase = TermPhase::between;
  root.may_spell = v.kind == CharClass::word && !place_.spelled_before;
  if (v.kind == CharClass::word) remember_start(root);
  take(root, v);
}

void TermScan::advance(const TermItem& item, const Visible& v) {
  if (v.begin > item.end + kGap) return expire(item);
  if (item.phase == TermPhase::between) return advance_between(item, v);
  if (item.phase != TermPhase::inside) return advance_closing(item, v);
  if (item.last == CharClass::word && v.kind == CharClass::word) {
    if (item.mode == TermMode::plain) take(item, v);
    return;
  }
  if (item.last == CharClass::word && v.kind == CharClass::separator && item.mode == TermMode::plain)
    take(item, v);
  end_word(item, v);
}

void TermScan::advance_between(const TermItem& item, const Visible& v) {
  const bool spelled = item.mode == TermMode::spelled;
  if (v.kind == CharClass::separator) {
    if (spelled && place_.separators > kSpelledGap) return;
    push(item);
    if (!spelled) take(item, v);
    return;
  }
  if (spelled && v.kind == CharClass::solo) return;
  if (!spelled && v.kind == CharClass::word) remember_start(item);
  take(item, v);
}

// A spelled match counts when the spelling ends with it.
void TermScan::advance_closing(TermItem item, const Visible& v) {
  if (item.phase == TermPhase::closing_word) {
    if (v.kind == CharClass::word) complete(item);
    return;
  }
  if (v.kind == CharClass::solo || (v.kind == CharClass::separator && place_.separators > kSpelledGap))
    return complete(item);
  if (v.kind == CharClass::word) item.phase = TermPhase::closing_word;
  push(item);
}

// The item's word has ended before v. A first word that is all digits and signs is what it looks like.
void TermScan::end_word(const TermItem& item, const Visible& v) {
  if (item.letters == 0 && item.edits == 0) return;
  const bool spelled = item.mode == TermMode::spelled;
  const bool spells = spelled || (item.may_spell && item.letters + item.digits + item.signs == 1 &&
                                  item.last == CharClass::word && item.edits == 0);
  const NodeId space = tables_.child(item.node, ' ');
  TermItem after = item;
  if (tables_.nodes[item.node].term >= 0) {
    after.phase = TermPhase::closing;
    spelled ? advance_closing(after, v) : complete(item);
  }
  after.phase = TermPhase::between;
  if (spells) {
    after.mode = TermMode::spelled;
    advance_between(after, v);
  }
  if (space == kNoNode) return;
  after.node = space;
  if (spells) advance_between(after, v);
  after.mode = TermMode::plain;
  if (!spelled) advance_between(after, v);
}

void TermScan::take(const TermItem& item, const Visible& v) {
  if (v.kind != CharClass::separator) take_as(item, v, v.value, &TermItem::letters);
  if (!is_leet(v.value)) return;
  const auto counter = v.kind == CharClass::word ? &TermItem::digits : &TermItem::signs;
  for (const char letter : kLeet[v.value]) {
    if (letter != 0) take_as(item, v, static_cast<unsigned char>(letter), counter);
  }
}

void TermScan::take_as(const TermItem& item, const Visible& v, char32_t value,
                       std::uint8_t TermItem::*counter) {
  const NodeId node = tables_.child(item.node, value);
  if (node == kNoNode) return;
  TermItem next = item;
  next.node = node;
  next.end = v.end;
  next.phase = TermPhase::inside;
  next.last = v.kind == CharClass::solo ? CharClass::solo : CharClass::word;
  count(next.*counter);
  push(next);
}

// No further character can belong to the item.
void TermScan::expire(const TermItem& item) {
  const bool whole = item.phase == TermPhase::inside && tables_.nodes[item.node].term >= 0;
  if (whole || item.phase == TermPhase::closing) complete(item);
}

void TermScan::complete(const TermItem& item) {
  const TermInfo& term = tables_.terms[static_cast<std::size_t>(tables_.nodes[item.node].term)];
  const bool leet = item.digits + item.signs > 0;
  if (item.edits > term.max_distance) return;
  if (item.mode == TermMode::spelled && term.letters < kLeastSpelled) return;
  if (leet && (term.letters < kLeastLeet || item.letters == 0 || item.letters < item.digits)) return;
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string_view matched = window_.text.substr(item.begin, item.end - item.begin);
  if (term.capitals && std::any_of(matched.begin(), matched.end(), is_lower)) return;
  const bool better =
      !best_ || item.begin < best_->begin || (item.begin == best_->begin && item.end > best_->end);
  if (better) best_ = item;
}

void TermScan::push(const TermItem& item) {
  for (TermItem& known : scratch_.items) {
    const bool same = known.node == item.node && known.mode == item.mode && known.phase == item.phase &&
                      known.edits == item.edits && known.letters == item.letters &&
                      known.digits == item.digits && known.signs == item.signs && known.last == item.last &&
                      known.may_spell == item.may_spell;
    if (!same) continue;
    known.begin = std::min(known.begin, item.begin);
    return;
  }
  scratch_.items.push_back(item);
}

void TermScan::remember_start(const TermItem& item) {
  const TermNode& node = tables_.nodes[item.node];
  if (node.words < node.words_end) scratch_.starts.push_back(item);
}

void TermScan::end_fuzzy_word() {
  if (scratch_.word.size() <= tables_.longest_fuzzy) {
    for (const TermItem& from : scratch_.starts) near_words(from);
  }
  scratch_.starts.clear();
  word_open_ = false;
}

void TermScan::near_words(const TermItem& from) {
  const TermNode& node = tables_.nodes[from.node];
  const std::uint64_t bits = signature(scratch_.word);
  for (std::uint32_t i = node.words; i < node.words_end; ++i) {
    const FuzzyWord& word = tables_.fuzzy[i];
    const unsigned limit = std::min<unsigned>(word.limit, kMaxDistance - from.edits);
    if (static_cast<unsigned>(__builtin_popcountll(bits ^ word.signature)) > 2 * limit) continue;
    const unsigned edits = edit_distance(word.text, scratch_.word, limit);
    if (edits == 0 || edits > limit) continue;  // 0: the walk has found it
    TermItem item = from;
    item.node = word.end;
    item.end = place_.word_end;
    item.phase = TermPhase::inside;
    item.edits = static_cast<std::uint8_t>(from.edits + edits);
    item.may_spell = false;
    push(item);
  }
}

bool TermScan::may_become_near(const TermItem& from) const {
  if (scratch_.word.size() > tables_.longest_fuzzy) return false;
  const TermNode& node = tables_.nodes[from.node];
  for (std::uint32_t i = node.words; i < node.words_end; ++i) {
    const FuzzyWord& word = tables_.fuzzy[i];
    const unsigned limit = std::min<unsigned>(word.limit, kMaxDistance - from.edits);
    if (prefix_distance(word.text, scratch_.word, limit) <= limit) return true;
  }
  return false;
}

// What begins after the best match changes nothing about it.
bool TermScan::decided() {
  if (!best_) return false;
  const auto later = [&](const TermItem& item) { return item.begin > best_->begin; };
  std::erase_if(scratch_.items, later);
  std::erase_if(scratch_.starts, later);
  return scratch_.items.empty() && scratch_.starts.empty();
}

Found TermScan::finish() {
  const std::size_t size = window_.text.size();
  std::size_t held = size;
  if (word_open_ && (window_.end || size > place_.word_end + kGap)) end_fuzzy_word();
  for (const TermItem& item : scratch_.items) {
    if (window_.end || size > item.end + kGap) {
      expire(item);
    } else {
      held = std::min<std::size_t>(held, item.begin);
    }
  }
  for (const TermItem& from : scratch_.starts) {
    if (may_become_near(from)) held = std::min<std::size_t>(held, from.begin);
  }
  if (best_ && best_->begin < held) return match();
  return {std::nullopt, best_ ? best_->begin : held};
}

Found TermScan::match() const {
  const TermInfo& term = tables_.terms[static_cast<std::size_t>(tables_.nodes[best_->node].term)];
  return {text::Match{best_->begin, best_->end, term.kind}, best_->begin};
}

Found TermFinder::next(const Window& window) const {
  thread_local TermScratch scratch;
  if (tables_->terms.empty()) return {std::nullopt, window.text.size()};
  return TermScan(*tables_, window, scratch).run();
}

}  // namespace kt::text

#include "kt/text/terms.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "text/edit_distance.hpp"
#include "text/term_tables.hpp"
#include "text/visible.hpp"

namespace kt::text {
namespace {

struct Word {
  std::u32string text;  // canonical
  const Term* term = nullptr;
};

// The order of a node's children.
std::uint32_t rank(char32_t value) {
  const int bit = alphabet_bit(value);
  return bit >= 0 ? static_cast<std::uint32_t>(bit) : static_cast<std::uint32_t>(value) + 128;
}

bool stands_before(const Word& a, const Word& b) {
  return std::lexicographical_compare(a.text.begin(), a.text.end(), b.text.begin(), b.text.end(),
                                      [](char32_t x, char32_t y) { return rank(x) < rank(y); });
}

// Lays the trie out level by level: a node is the range of sorted texts that begin alike.
class Builder {
 public:
  Builder(std::vector<Word> words, TermFinder::Tables& out) : words_(std::move(words)), out_(out) {
    std::stable_sort(words_.begin(), words_.end(), stands_before);
  }

  void build() {
    out_.nodes.emplace_back();
    std::vector<Range> level{{kRoot, 0, words_.size()}};
    for (std::size_t depth = 0; !level.empty(); ++depth) {
      std::vector<Range> below;
      for (const Range& range : level) lay(range, depth, below);
      level = std::move(below);
    }
    for (const Range& range : fuzzy_) lay_fuzzy(range);
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789"))
      out_.beginnings[static_cast<std::size_t>(alphabet_bit(static_cast<unsigned char>(c)))] =
          seconds_after(c);
    out_.longest_signs = signs_below(kRoot);
  }

 private:
  struct Range {
    NodeId node;
    std::size_t first, last;
    std::size_t depth = 0;
  };

  void lay(Range range, std::size_t depth, std::vector<Range>& below) {
    if (depth == 0 || words_[range.first].text[depth - 1] == ' ') remember_fuzzy(range, depth);
    if (words_[range.first].text.size() == depth) {
      finish(range.node, words_[range.first]);
      while (range.first < range.last && words_[range.first].text.size() == depth) ++range.first;
    }
    const auto first_child = static_cast<NodeId>(out_.nodes.size());
    out_.nodes[range.node].first_child = first_child;
    while (range.first < range.last) {
      const char32_t value = words_[range.first].text[depth];
      std::size_t end = range.first + 1;
      while (end < range.last && words_[end].text[depth] == value) ++end;
      const auto child = static_cast<NodeId>(out_.nodes.size());
      out_.nodes.emplace_back();
      if (const int bit = alphabet_bit(value); bit >= 0) {
        out_.nodes[range.node].children |= std::uint64_t{1} << bit;
      } else {
        out_.beyond_ascii[std::uint64_t{range.node} << 32 | value] = child;
      }
      below.push_back({child, range.first, end});
      range.first = end;
    }
  }

  // Of texts that are the same the first counts.
  void finish(NodeId node, const Word& word) {
    const auto letters = static_cast<std::size_t>(
        std::count_if(word.text.begin(), word.text.end(), [](char32_t c) { return c != ' '; }));
    out_.nodes[node].term = static_cast<std::int32_t>(out_.terms.size());
    out_.terms.push_back({word.term->kind, std::min(word.term->max_distance, kMaxDistance),
                          static_cast<std::uint8_t>(std::min<std::size_t>(letters, 255)),
                          word.term->capitals});
  }

  void remember_fuzzy(const Range& range, std::size_t depth) {
    const auto near = [](const Word& word) { return word.term->max_distance > 0; };
    const auto begin = words_.begin();
    if (std::any_of(begin + static_cast<std::ptrdiff_t>(range.first),
                    begin + static_cast<std::ptrdiff_t>(range.last), near))
      fuzzy_.push_back({range.node, range.first, range.last, depth});
  }

  // The words that begin at a node, each with the most edits a term allows it.
  void lay_fuzzy(const Range& range) {
    out_.nodes[range.node].words = static_cast<std::uint32_t>(out_.fuzzy.size());
    for (std::size_t i = range.first; i < range.last;) {
      const std::u32string text = word_at(i, range.depth);
      std::uint8_t limit = 0;
      for (; i < range.last && word_at(i, range.depth) == text; ++i)
        limit = std::max(limit, word_limit(text.size(), words_[i].term->max_distance));
      if (limit == 0) continue;
      NodeId end = range.node;
      for (const char32_t c : text) end = out_.child(end, c);
      out_.fuzzy.push_back({text, signature(text), end, limit});
      out_.longest_fuzzy = std::max(out_.longest_fuzzy, text.size() + limit);
    }
    out_.nodes[range.node].words_end = static_cast<std::uint32_t>(out_.fuzzy.size());
  }

  [[nodiscard]] std::u32string word_at(std::size_t i, std::size_t depth) const {
    const std::u32string& text = words_[i].text;
    return text.substr(depth, std::min(text.find(U' ', depth), text.size()) - depth);
  }

  // The longest run of signs that are letters of a term's beginning.
  [[nodiscard]] std::size_t signs_below(NodeId node) const {
    std::size_t longest = 0;
    for (const char letter : std::string_view("asil")) {
      const NodeId next = out_.child(node, static_cast<unsigned char>(letter));
      if (next != kNoNode) longest = std::max(longest, 1 + signs_below(next));
    }
    return longest;
  }

  // The nodes that a text's character leads to: its own and those of the letters it stands for.
  [[nodiscard]] std::vector<NodeId> steps(NodeId node, char c) const {
    const auto value = static_cast<unsigned char>(c);
    std::vector<NodeId> out{out_.child(node, value)};
    for (const char letter : kLeet[value]) {
      if (letter != 0) out.push_back(out_.child(node, static_cast<unsigned char>(letter)));
    }
    std::erase(out, kNoNode);
    return out;
  }

  [[nodiscard]] std::uint64_t seconds_after(char first) const {
    std::uint64_t seconds = 0;
    for (const NodeId node : steps(kRoot, first)) {
      seconds |= std::uint64_t{1} << kSpaceBit;
      for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789")) {
        if (!steps(node, c).empty())
          seconds |= std::uint64_t{1} << alphabet_bit(static_cast<unsigned char>(c));
      }
    }
    return seconds;
  }

  std::vector<Word> words_;
  TermFinder::Tables& out_;
  std::vector<Range> fuzzy_;  // where words begin that may be nearly matched
};

}  // namespace

std::u32string canonical(std::string_view term) {
  Folded scratch;
  Visibles characters(term, 0, scratch);
  std::u32string out;
  CharClass before = CharClass::separator;
  for (Visible each; characters.next(each); before = each.kind) {
    if (each.kind == CharClass::separator) continue;
    const bool goes_on = each.kind == CharClass::word && before == CharClass::word;
    if (!out.empty() && !goes_on) out += U' ';
    out += each.value;
  }
  return out;
}

std::uint8_t word_limit(std::size_t characters, unsigned max_distance) {
  if (characters == 0 || characters > kMaxFuzzyWord) return 0;
  return static_cast<std::uint8_t>(std::min<std::size_t>({(characters - 1) / 4, max_distance, kMaxDistance}));
}

Status TermFinder::check(std::string_view term) {
  if (term.size() > kMaxTerm) return Error{Code::invalid_field, "a term has at most 256 bytes"};
  if (canonical(term).empty()) return Error{Code::invalid_field, "a term has at least one letter or digit"};
  return {};
}

TermFinder::TermFinder(const std::vector<Term>& terms) {
  auto tables = std::make_unique<Tables>();
  std::vector<Word> words;
  words.reserve(terms.size());
  for (const Term& term : terms) {
    if (term.text.size() > kMaxTerm) continue;
    Word word{canonical(term.text), &term};
    if (!word.text.empty()) words.push_back(std::move(word));
  }
  if (!words.empty()) Builder(std::move(words), *tables).build();
  tables_ = std::move(tables);
}

TermFinder::~TermFinder() = default;

}  // namespace kt::text

#include "kt/text/terms.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "text/edit_distance.hpp"
#include "text/term_tables.hpp"
#include "text/visible.hpp"

namespace kt::text {
namespace {

// The trie while it grows.
struct Draft {
  std::map<char32_t, std::size_t> children;
  std::int32_t term = -1;
  std::map<std::u32string, std::pair<std::size_t, std::uint8_t>> words;  // word -> node after it, limit
};

class Builder {
 public:
  explicit Builder(TermFinder::Tables& out) : out_(out) { drafts_.emplace_back(); }

  void add(const Term& term) {
    const std::u32string text = canonical(term.text);
    std::size_t node = 0, word_node = 0, word_begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (i == text.size() || text[i] == ' ') {
        add_word(word_node, text.substr(word_begin, i - word_begin), node, term.max_distance);
        word_begin = i + 1;
      }
      if (i == text.size()) break;
      node = step(node, text[i]);
      if (text[i] == ' ') word_node = node;
    }
    finish(node, text, term);
  }

  void flatten() {
    std::vector<NodeId> place(drafts_.size(), 0);
    out_.nodes.emplace_back();
    for (std::deque<std::size_t> queue{0}; !queue.empty(); queue.pop_front()) lay(queue, place);
    for (std::size_t i = 0; i < drafts_.size(); ++i) lay_words(drafts_[i], out_.nodes[place[i]], place);
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789"))
      out_.beginnings[static_cast<std::size_t>(alphabet_bit(static_cast<unsigned char>(c)))] =
          seconds_after(c);
  }

 private:
  std::size_t step(std::size_t node, char32_t value) {
    const auto [found, added] = drafts_[node].children.try_emplace(value, drafts_.size());
    const std::size_t next = found->second;
    if (added) drafts_.emplace_back();
    return next;
  }

  void add_word(std::size_t from, std::u32string word, std::size_t to, unsigned max_distance) {
    const std::uint8_t limit = word_limit(word.size(), max_distance);
    auto& known = drafts_[from].words[std::move(word)];
    known = {to, std::max(known.second, limit)};
  }

  void finish(std::size_t node, const std::u32string& text, const Term& term) {
    if (drafts_[node].term >= 0) return;
    const auto letters = static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char32_t c) { return c != ' '; }));
    drafts_[node].term = static_cast<std::int32_t>(out_.terms.size());
    out_.terms.push_back({term.kind, std::min(term.max_distance, kMaxDistance),
                          static_cast<std::uint8_t>(std::min<std::size_t>(letters, 255)), term.capitals});
  }

  // Gives the children of the queue's front their places.
  void lay(std::deque<std::size_t>& queue, std::vector<NodeId>& place) {
    const std::size_t at = queue.front();
    std::map<int, std::size_t> ascii;
    for (const auto& [value, child] : drafts_[at].children) {
      if (const int bit = alphabet_bit(value); bit >= 0) ascii[bit] = child;
    }
    TermNode& node = out_.nodes[place[at]];
    node.term = drafts_[at].term;
    node.first_child = static_cast<NodeId>(out_.nodes.size());
    for (const auto& [bit, child] : ascii) node.children |= std::uint64_t{1} << bit;
    for (const auto& [bit, child] : ascii) settle(child, queue, place);
    for (const auto& [value, child] : drafts_[at].children) {
      if (alphabet_bit(value) >= 0) continue;
      settle(child, queue, place);
      out_.beyond_ascii[std::uint64_t{place[at]} << 32 | value] = place[child];
    }
  }

  void settle(std::size_t draft, std::deque<std::size_t>& queue, std::vector<NodeId>& place) {
    place[draft] = static_cast<NodeId>(out_.nodes.size());
    out_.nodes.emplace_back();
    queue.push_back(draft);
  }

  void lay_words(const Draft& draft, TermNode& node, const std::vector<NodeId>& place) {
    node.words = static_cast<std::uint32_t>(out_.fuzzy.size());
    for (const auto& [text, target] : draft.words) {
      if (target.second == 0) continue;
      out_.fuzzy.push_back({text, signature(text), place[target.first], target.second});
      out_.longest_fuzzy = std::max(out_.longest_fuzzy, text.size() + target.second);
    }
    node.words_end = static_cast<std::uint32_t>(out_.fuzzy.size());
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

  TermFinder::Tables& out_;
  std::vector<Draft> drafts_;
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
  Builder builder(*tables);
  for (const Term& term : terms) {
    if (check(term.text)) builder.add(term);
  }
  builder.flatten();
  tables_ = std::move(tables);
}

TermFinder::~TermFinder() = default;

}  // namespace kt::text

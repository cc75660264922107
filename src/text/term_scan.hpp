#pragma once
// One search of a TermFinder: a set of partial matches ("items") that walk the trie as characters come.

#include <array>
#include <optional>
#include <vector>

#include "text/term_tables.hpp"
#include "text/visible.hpp"

namespace kt::text {

enum class TermMode : std::uint8_t { plain, spelled };  // spelled: one letter per word

enum class TermPhase : std::uint8_t {
  inside,        // in a word
  between,       // at the beginning of the next word
  closing,       // spelled and complete: is the next word one letter too?
  closing_word,  // its first character has come
};

struct TermItem {
  NodeId node = kRoot;
  std::uint32_t begin = 0, end = 0;  // source bytes, end: of the last character taken
  TermMode mode = TermMode::plain;
  TermPhase phase = TermPhase::inside;
  CharClass last = CharClass::word;
  std::uint8_t edits = 0;
  std::uint8_t letters = 0, digits = 0, signs = 0;  // characters as they stand; digits and signs for letters
  bool may_spell = false;
};

struct TermScratch {
  Folded folded;
  std::vector<TermItem> items, next, starts;
  std::u32string word;
};

class TermScan {
 public:
  TermScan(const TermFinder::Tables& tables, const Window& window, TermScratch& scratch);
  Found run();

 private:
  struct Place {  // what is known about the text before the present character
    CharClass last = CharClass::separator;
    bool any = false;
    std::uint32_t word_end = 0;
    unsigned word_length = 0;  // characters of the last word, at most 2
    char32_t word_first = 0;
    unsigned separators = 0;      // since it
    bool spelled_before = false;  // the word before the present one is one letter
  };

  void look_back();
  std::size_t replay(std::size_t begin);
  [[nodiscard]] bool begins_word(const Visible& v) const;
  [[nodiscard]] bool spelled_before(std::size_t at) const;
  void track(const Visible& v);

  void skim();
  [[nodiscard]] std::size_t signs_to_pass(std::size_t at) const;
  [[nodiscard]] bool may_begin(std::string_view word, std::size_t end) const;
  [[nodiscard]] bool may_be_spelled(std::size_t end) const;
  [[nodiscard]] bool is_first_word(std::string_view word) const;
  [[nodiscard]] bool starts_with_digits(std::string_view word) const;
  [[nodiscard]] bool may_be_near(std::string_view word) const;
  void pass_word(unsigned char first, std::size_t characters, std::size_t end);

  void step(const Visible& v);
  void start(const Visible& v);
  void advance(const TermItem& item, const Visible& v);
  void advance_between(const TermItem& item, const Visible& v);
  void advance_closing(TermItem item, const Visible& v);
  void end_word(const TermItem& item, const Visible& v);
  void take(const TermItem& item, const Visible& v);
  void take_as(const TermItem& item, const Visible& v, char32_t value, std::uint8_t TermItem::*counter);
  void expire(const TermItem& item);
  void complete(const TermItem& item);
  void push(const TermItem& item);

  void remember_start(const TermItem& item);
  void end_fuzzy_word();
  void near_words(const TermItem& from);
  [[nodiscard]] bool may_become_near(const TermItem& from) const;

  bool decided();
  Found finish();
  [[nodiscard]] Found match() const;

  const TermFinder::Tables& tables_;
  const Window& window_;
  TermScratch& scratch_;
  Visibles characters_;
  Place place_;
  std::optional<TermItem> best_;
  bool fuzzy_;
  bool word_open_ = false;  // scratch_.word is the present word, scratch_.starts wait for its end
};

}  // namespace kt::text

#include "kt/text/fold.hpp"

#include <array>
#include <cstring>

#include "text/fold_table.hpp"
#include "text/utf8.hpp"

namespace kt::text {
namespace {

constexpr std::size_t kBlock = 8;

// What each ASCII character folds to; 0: nothing.
constexpr auto kAscii = [] {
  std::array<char, 128> table{};
  for (int c = 0x20; c < 0x7f; ++c) table[c] = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  table['\t'] = ' ';
  for (const char c : {'\n', '\v', '\f', '\r'}) table[c] = '\n';
  return table;
}();

bool is_letter(unsigned char c) { return static_cast<unsigned char>((c | 0x20) - 'a') < 26; }

// Every byte printable ASCII.
bool is_printable(std::uint64_t block) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x80 * kOnes;
  const std::uint64_t at_least_space = (block | kHigh) - 0x20 * kOnes, beyond_tilde = block + kOnes;
  return ((block | beyond_tilde | ~at_least_space) & kHigh) == 0;
}

// Of eight printable ASCII bytes.
std::uint64_t lower(std::uint64_t block) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x80 * kOnes;
  const std::uint64_t from_a = block + (0x80 - 'A') * kOnes, beyond_z = block + (0x80 - 'Z' - 1) * kOnes;
  return block | ((from_a & ~beyond_z & kHigh) >> 2);
}

class Folder {
 public:
  Folder(std::string_view text, const FoldOptions& options, Folded& out)
      : text_(text), options_(options), out_(out) {}

  void run() {
    for (std::size_t at = 0; at < text_.size();) {
      reserve(kBlock);
      at += static_cast<unsigned char>(text_[at]) < 0x80 ? ascii(at) : beyond(at);
    }
    out_.text.resize(size_);
    out_.origin.resize(size_ + 1);
    out_.origin[size_] = static_cast<std::uint32_t>(text_.size());
  }

 private:
  void reserve(std::size_t more) {
    if (size_ + more < out_.text.size() && size_ + more < out_.origin.size()) return;
    const std::size_t room =
        size_ + more + (text_.size() > size_ ? text_.size() - size_ : size_ / 2) + kBlock;
    out_.text.resize(room);
    out_.origin.resize(room + 1);
  }

  std::size_t ascii(std::size_t at) {
    std::uint64_t block = 0;
    if (at + kBlock <= text_.size()) {
      std::memcpy(&block, text_.data() + at, kBlock);
      if (is_printable(block)) return eight(at, lower(block));
    }
    const auto c = static_cast<unsigned char>(text_[at]);
    if (kAscii[c] != 0) put(kAscii[c], at);
    meet(is_letter(c));
    return 1;
  }

  std::size_t eight(std::size_t at, std::uint64_t block) {
    std::memcpy(out_.text.data() + size_, &block, kBlock);
    std::uint32_t* origin = out_.origin.data() + size_;
    for (std::uint32_t i = 0; i < kBlock; ++i) origin[i] = static_cast<std::uint32_t>(at) + i;
    size_ += kBlock;
    meet(is_letter(static_cast<unsigned char>(text_[at])));
    meet(is_letter(static_cast<unsigned char>(text_[at + kBlock - 1])));
    return kBlock;
  }

  std::size_t beyond(std::size_t at) {
    const CodePoint point = decode_utf8(text_, at);
    if (point.length == 0) {
      put('?', at);
      meet(false);
      return 1;
    }
    const FoldRecord* record = FoldTable::get().find(point.value);
    const std::string_view folded = choose(record, text_.substr(at, point.length));
    reserve(folded.size() + kBlock);
    for (const char c : folded) put(c, at);
    if (record != nullptr) note(record->flags, folded.empty());
    if (record == nullptr) meet(false);
    return point.length;
  }

  [[nodiscard]] std::string_view choose(const FoldRecord* record, std::string_view itself) const {
    if (record == nullptr) return itself;
    if (options_.normalize) return options_.confusables ? record->full : record->normal;
    return options_.confusables && record->full != record->normal ? record->full : itself;
  }

  // A replaced letter or a hidden character counts as a disguise beside an ASCII letter of the same word.
  void note(std::uint8_t flags, bool hidden) {
    if (flags & FoldRecord::always) out_.disguised = true;
    if (flags & FoldRecord::in_word) {
      if (after_letter_ && !hidden) out_.disguised = true;
      in_word_ = !hidden || after_letter_;
      after_letter_ = after_letter_ && hidden;
    } else if (!hidden) {
      meet(false);
    }
  }

  void meet(bool letter) {
    if (letter && in_word_) out_.disguised = true;
    in_word_ = false;
    after_letter_ = letter;
  }

  void put(char c, std::size_t at) {
    out_.text[size_] = c;
    out_.origin[size_++] = static_cast<std::uint32_t>(at);
  }

  std::string_view text_;
  const FoldOptions& options_;
  Folded& out_;
  std::size_t size_ = 0;
  bool after_letter_ = false;  // an ASCII letter stands right before
  bool in_word_ = false;       // a look-alike stands right before
};

}  // namespace

void fold(std::string_view text, const FoldOptions& options, Folded& out) {
  out.disguised = false;
  Folder(text, options, out).run();
}

}  // namespace kt::text

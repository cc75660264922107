#include "kt/tokens/vocabulary.hpp"

#include <memory>

#include "tokens/merge.hpp"
#include "tokens/ranks.hpp"
#include "tokens/split.hpp"

namespace kt::embedded {
std::string_view o200k_ranks();
std::string_view cl100k_ranks();
}  // namespace kt::embedded

namespace kt::tokens {

namespace {

constexpr std::size_t kLongestPiece = 2048;

}  // namespace

struct Vocabulary::Impl {
  Ranks ranks;
  std::size_t (*piece)(std::string_view);

  template <class Take>
  void each_piece(std::string_view text, Take take) const {
    while (!text.empty()) {
      // The splitters look at no more than this, so a text without a blank takes no longer than another.
      const std::size_t length = piece(text.substr(0, kLongestPiece));
      take(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
};

Encoding encoding_of(std::string_view model) {
  constexpr std::string_view kCl100k[] = {"gpt-4-",          "gpt-3.5",     "gpt-35",
                                          "text-embedding-", "davinci-002", "babbage-002"};
  if (model == "gpt-4") return Encoding::cl100k;
  for (const std::string_view prefix : kCl100k) {
    if (model.starts_with(prefix)) return Encoding::cl100k;
  }
  return Encoding::o200k;
}

Vocabulary::Vocabulary(Encoding encoding)
    : impl_(encoding == Encoding::o200k ? new Impl{Ranks(embedded::o200k_ranks()), o200k_piece}
                                        : new Impl{Ranks(embedded::cl100k_ranks()), cl100k_piece}) {}

Vocabulary::~Vocabulary() { delete impl_; }

const Vocabulary& Vocabulary::of(Encoding encoding) {
  if (encoding == Encoding::cl100k) {
    static const Vocabulary cl100k(Encoding::cl100k);
    return cl100k;
  }
  static const Vocabulary o200k(Encoding::o200k);
  return o200k;
}

std::size_t Vocabulary::count(std::string_view text) const {
  std::size_t count = 0;
  impl_->each_piece(text, [&](std::string_view piece) {
    count += impl_->ranks.find(piece) != kNoRank ? 1 : merged_count(impl_->ranks, piece);
  });
  return count;
}

void Vocabulary::encode(std::string_view text, std::vector<std::uint32_t>& ranks) const {
  impl_->each_piece(text, [&](std::string_view piece) {
    const std::uint32_t whole = impl_->ranks.find(piece);
    if (whole != kNoRank) {
      ranks.push_back(whole);
    } else {
      merged_ranks(impl_->ranks, piece, ranks);
    }
  });
}

}  // namespace kt::tokens

#include "tokens/merge.hpp"

#include <algorithm>
#include <array>

namespace kt::tokens {
namespace {

// A token in the making: from `begin` to the next part's begin. `rank` is that of its union with the next.
struct Part {
  std::uint32_t begin = 0, rank = kNoRank;
};

// Short pieces, which are nearly all: the lowest rank is looked for anew each time.
constexpr std::size_t kShort = 64;

class ShortMerge {
 public:
  ShortMerge(const Ranks& ranks, std::string_view piece) : ranks_(ranks), piece_(piece), size_(piece.size()) {
    for (std::size_t i = 0; i <= size_; ++i) parts_[i].begin = static_cast<std::uint32_t>(i);
    for (std::size_t i = 0; i < size_; ++i) parts_[i].rank = joined(i);
    while (join_lowest()) {
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view part(std::size_t i) const { return span(i, i + 1); }

 private:
  [[nodiscard]] std::string_view span(std::size_t from, std::size_t to) const {
    return piece_.substr(parts_[from].begin, parts_[to].begin - parts_[from].begin);
  }
  [[nodiscard]] std::uint32_t joined(std::size_t i) const {
    return i + 2 <= size_ ? ranks_.find(span(i, i + 2)) : kNoRank;
  }
  bool join_lowest() {
    std::size_t best = 0;
    for (std::size_t i = 1; i < size_; ++i) {
      if (parts_[i].rank < parts_[best].rank) best = i;
    }
    if (parts_[best].rank == kNoRank) return false;
    std::move(parts_.begin() + static_cast<std::ptrdiff_t>(best) + 2,
              parts_.begin() + static_cast<std::ptrdiff_t>(size_) + 1,
              parts_.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    --size_;
    parts_[best].rank = joined(best);
    if (best > 0) parts_[best - 1].rank = joined(best - 1);
    return true;
  }

  const Ranks& ranks_;
  const std::string_view piece_;
  std::size_t size_;
  std::array<Part, kShort + 1> parts_;
};

// Long pieces: a list of parts and a heap of unions, n log n.
class LongMerge {
 public:
  LongMerge(const Ranks& ranks, std::string_view piece) : ranks_(ranks), piece_(piece), nodes_(piece.size()) {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) nodes_[i] = {i + 1, i - 1, true};
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) offer(i);
    while (!heap_.empty()) join();
  }
  template <class Take>
  void each(Take take) const {
    for (std::uint32_t at = 0; at < nodes_.size(); at = nodes_[at].end)
      take(piece_.substr(at, nodes_[at].end - at));
  }

 private:
  struct Node {  // by the offset of its first byte
    std::uint32_t end, before;
    bool alive;
  };
  struct Union {
    std::uint32_t rank, begin, middle, end;
    friend bool operator<(const Union& a, const Union& b) {  // the heap gives the largest first
      return a.rank != b.rank ? a.rank > b.rank : a.begin > b.begin;
    }
  };
  void offer(std::uint32_t begin) {
    const std::uint32_t middle = nodes_[begin].end;
    if (middle >= nodes_.size()) return;
    const std::uint32_t end = nodes_[middle].end;
    const std::uint32_t rank = ranks_.find(piece_.substr(begin, end - begin));
    if (rank == kNoRank) return;
    heap_.push_back({rank, begin, middle, end});
    std::push_heap(heap_.begin(), heap_.end());
  }
  void join() {
    std::pop_heap(heap_.begin(), heap_.end());
    const Union next = heap_.back();
    heap_.pop_back();
    const bool stale = !nodes_[next.begin].alive || nodes_[next.begin].end != next.middle ||
                       nodes_[next.middle].end != next.end;
    if (stale) return;
    nodes_[next.middle].alive = false;
    nodes_[next.begin].end = next.end;
    if (next.end < nodes_.size()) nodes_[next.end].before = next.begin;
    offer(next.begin);
    if (next.begin > 0) offer(nodes_[next.begin].before);
  }

  const Ranks& ranks_;
  const std::string_view piece_;
  std::vector<Node> nodes_;
  std::vector<Union> heap_;
};

}  // namespace

std::size_t merged_count(const Ranks& ranks, std::string_view piece) {
  if (piece.size() <= kShort) return ShortMerge(ranks, piece).size();
  std::size_t count = 0;
  LongMerge(ranks, piece).each([&](std::string_view) { ++count; });
  return count;
}

void merged_ranks(const Ranks& ranks, std::string_view piece, std::vector<std::uint32_t>& out) {
  if (piece.size() <= kShort) {
    const ShortMerge merge(ranks, piece);
    for (std::size_t i = 0; i < merge.size(); ++i) out.push_back(ranks.find(merge.part(i)));
    return;
  }
  LongMerge(ranks, piece).each([&](std::string_view part) { out.push_back(ranks.find(part)); });
}

}  // namespace kt::tokens

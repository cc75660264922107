#include "kt/policy/finder_stage.hpp"

namespace kt::policy {
namespace {

// The begin of the context to keep: kContext bytes back, at a code point's first byte.
std::size_t context_begin(std::string_view text, std::size_t decided) {
  if (decided <= text::kContext) return 0;
  std::size_t at = decided - text::kContext;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return at;
}

}  // namespace

// Moves `decided` to the first byte that stays inside.
Verdict FinderStage::search(const llm::Lane& lane, text::Window window, std::size_t& decided, Sink& out) {
  for (;;) {
    const text::Found found = finder_.next(window);
    const std::size_t until = found.match ? found.match->begin : found.safe;
    if (until > decided) out.pass(window.text.substr(decided, until - decided));
    decided = until;
    if (!found.match) return Verdict::allow;
    const std::string_view match = window.text.substr(found.match->begin, found.match->end - found.match->begin);
    marker_.clear();
    const Verdict verdict =
        decide(lane, window.text.substr(0, found.match->begin), match, found.match->kind, marker_);
    if (verdict == Verdict::block || verdict == Verdict::escalate) return verdict;
    if (verdict == Verdict::redact) {
      out.replace(match, marker_);
    } else {
      out.pass(match);
    }
    decided = window.from = found.match->end;
  }
}

Verdict FinderStage::take(const llm::Lane& lane, std::string_view piece, bool last, Sink& out) {
  const auto known = lanes_.find(lane.id);
  if (known == lanes_.end() && last) {
    std::size_t decided = 0;
    return search(lane, {piece, 0, true}, decided, out);
  }
  State& state = known == lanes_.end() ? lanes_[lane.id] : known->second;
  state.text.append(piece);
  std::size_t decided = state.from;
  const Verdict verdict = search(lane, {state.text, state.from, last}, decided, out);
  const std::size_t keep = context_begin(state.text, decided);
  state.text.erase(0, keep);
  state.from = decided - keep;
  if (last) lanes_.erase(lane.id);
  return verdict;
}

}  // namespace kt::policy

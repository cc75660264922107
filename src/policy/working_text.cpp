#include "policy/working_text.hpp"

#include <algorithm>

namespace kt::policy {

WorkingText::WorkingText(std::string_view document, const llm::LaneText& lane)
    : raw_(lane.span.of(document)), json_(lane.json), changed_(lane.escaped) {
  if (changed_) own_ = llm::lane_text(raw_, json_);
}

// Where a place of text() was in the text that came. Inside a replacement: where the replaced stretch began,
// or ended.
std::size_t WorkingText::origin(std::size_t at, bool end) const {
  std::ptrdiff_t shift = 0;  // of text() against what came
  for (const llm::Edit& edit : edits_) {
    const std::size_t begin = edit.begin + static_cast<std::size_t>(shift);
    if (at < begin || (at == begin && !end)) break;
    if (at < begin + edit.text.size()) return end ? edit.end : edit.begin;
    shift += static_cast<std::ptrdiff_t>(edit.text.size()) - static_cast<std::ptrdiff_t>(edit.end - edit.begin);
  }
  return at - static_cast<std::size_t>(shift);
}

void WorkingText::apply(std::vector<llm::Edit> edits) {
  if (edits.empty()) return;
  const std::string_view text = this->text();
  std::string next;
  std::size_t at = 0;
  for (const llm::Edit& edit : edits) {
    next.append(text.substr(at, edit.begin - at)).append(edit.text);
    at = edit.end;
  }
  next.append(text.substr(at));
  for (llm::Edit& edit : edits) edit = {origin(edit.begin, false), origin(edit.end, true), std::move(edit.text)};

  // What an earlier policy put there and this one replaced is gone.
  std::vector<llm::Edit> merged;
  std::merge(edits_.begin(), edits_.end(), edits.begin(), edits.end(), std::back_inserter(merged),
             [](const llm::Edit& a, const llm::Edit& b) { return a.begin < b.begin; });
  edits_.clear();
  for (llm::Edit& edit : merged) {
    const bool covered = std::any_of(edits.begin(), edits.end(), [&](const llm::Edit& newer) {
      return !(newer == edit) && newer.begin <= edit.begin && edit.end <= newer.end;
    });
    if (!covered) edits_.push_back(std::move(edit));
  }
  own_ = std::move(next);
  changed_ = true;
}

}  // namespace kt::policy

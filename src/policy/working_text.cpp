#include "policy/working_text.hpp"

#include <algorithm>

namespace kt::policy {

WorkingText::WorkingText(std::string_view document, const llm::LaneText& lane)
    : raw_(lane.span.of(document)), json_(lane.json), changed_(lane.escaped) {
  if (changed_) own_ = llm::lane_text(raw_, json_);
}

namespace {

// Earlier edits, which are of the text that came, and the later ones, which are of what those made of it.
// Stretches that touch an earlier replacement become one edit with it.
class Composition {
 public:
  Composition(std::vector<llm::Edit>& earlier, std::vector<llm::Edit>& later, std::string_view text)
      : earlier_(earlier), later_(later), text_(text) {}

  std::vector<llm::Edit> run() {
    std::vector<llm::Edit> result;
    result.reserve(earlier_.size() + later_.size());
    while (i_ < earlier_.size() || j_ < later_.size()) {
      if (i_ < earlier_.size() && (j_ == later_.size() || end() <= later_[j_].begin)) {
        const std::size_t at = i_;
        pass();
        result.push_back(std::move(earlier_[at]));
      } else if (i_ == earlier_.size() || later_[j_].end <= begin()) {
        llm::Edit& edit = later_[j_++];
        result.push_back({edit.begin - shift_, edit.end - shift_, std::move(edit.text)});
      } else {
        result.push_back(cluster());
      }
    }
    return result;
  }

 private:
  // Of the earlier replacement at hand, in text_.
  [[nodiscard]] std::size_t begin() const { return earlier_[i_].begin + shift_; }
  [[nodiscard]] std::size_t end() const { return begin() + earlier_[i_].text.size(); }
  void pass() {
    shift_ += earlier_[i_].text.size() - (earlier_[i_].end - earlier_[i_].begin);
    ++i_;
  }

  llm::Edit cluster() {
    std::size_t at = std::min(begin(), later_[j_].begin), until = at;
    llm::Edit edit{at - shift_, 0, {}};
    const std::size_t first = j_;
    for (bool begun = false;; begun = true) {
      if (i_ < earlier_.size() && (begin() < until || (!begun && begin() == at))) {
        until = std::max(until, end());
        pass();
      } else if (j_ < later_.size() && (later_[j_].begin < until || !begun)) {
        until = std::max(until, later_[j_++].end);
      } else {
        break;
      }
    }
    for (std::size_t j = first; j < j_; ++j) {
      edit.text.append(text_.substr(at, later_[j].begin - at)).append(later_[j].text);
      at = later_[j].end;
    }
    edit.text.append(text_.substr(at, until - at));
    edit.end = until - shift_;
    return edit;
  }

  std::vector<llm::Edit>& earlier_;
  std::vector<llm::Edit>& later_;
  std::string_view text_;
  std::size_t i_ = 0, j_ = 0;
  std::size_t shift_ = 0;  // of text_ against what came; wraps around when it is negative
};

}  // namespace

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
  edits_ = edits_.empty() ? std::move(edits) : Composition(edits_, edits, text).run();
  own_ = std::move(next);
  changed_ = true;
}

}  // namespace kt::policy

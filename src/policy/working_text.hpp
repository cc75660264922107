#pragma once
// A lane's text on its way through the chain of a whole document: what the next policy reads, and the edits so
// far in terms of the text that came.

#include <string>
#include <string_view>
#include <vector>

#include "kt/llm/lane_text.hpp"
#include "kt/llm/lanes.hpp"

namespace kt::policy {

class WorkingText {
 public:
  WorkingText(std::string_view document, const llm::LaneText& lane);

  [[nodiscard]] std::string_view text() const { return changed_ ? std::string_view(own_) : raw_; }

  // Edits of text(), in order, not overlapping.
  void apply(std::vector<llm::Edit> edits);

  [[nodiscard]] bool edited() const { return !edits_.empty(); }
  // What stands between the quotes now.
  [[nodiscard]] std::string spliced() const { return llm::splice_lane(raw_, json_, edits_); }

 private:
  std::string_view raw_;
  bool json_;
  bool changed_ = false;
  std::string own_;                // text() when it is not raw_ itself
  std::vector<llm::Edit> edits_;  // of the text that came
};

}  // namespace kt::policy

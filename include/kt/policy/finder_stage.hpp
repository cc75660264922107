#pragma once
// The stage of every policy that looks for matches: windows over each lane, holding back exactly what a
// finder has not decided.

#include <string>
#include <unordered_map>

#include "kt/policy/policy.hpp"
#include "kt/text/window.hpp"

namespace kt::policy {

class FinderStage : public Stage {
 public:
  explicit FinderStage(const text::Finder& finder) : finder_(finder) {}
  Verdict take(const llm::Lane& lane, std::string_view piece, bool last, Sink& out) override;

 protected:
  // One match. redact: `marker` is set to what stands in its place. `before` is the text before the match, at
  // least text::kContext bytes of it or all.
  virtual Verdict decide(const llm::Lane& lane, std::string_view before, std::string_view match,
                         std::uint16_t kind, std::string& marker) = 0;

 private:
  struct State {
    std::string text;      // context, then what is held
    std::size_t from = 0;  // where the held part begins
  };
  Verdict search(const llm::Lane& lane, text::Window window, std::size_t& decided, Sink& out);

  const text::Finder& finder_;
  std::unordered_map<std::uint32_t, State> lanes_;
  std::string marker_;
};

}  // namespace kt::policy

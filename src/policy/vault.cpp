#include "kt/policy/vault.hpp"

#include <algorithm>

#include "kt/base/wipe.hpp"
#include "kt/policy/finder_stage.hpp"

namespace kt::policy {

Vault::~Vault() {
  for (Entry& each : entries_) wipe(each.value);
}

std::string_view Vault::marker(std::string_view type, std::string_view value) {
  unsigned number = 1;
  for (const Entry& each : entries_) {
    if (each.type != type) continue;
    if (each.value == value) return each.marker;
    ++number;
  }
  if (entries_.size() == kMostValues || bytes_ + value.size() > kMostBytes) return {};
  bytes_ += value.size();
  std::string marker = "[" + std::string(type) + "_" + std::to_string(number) + "]";
  return entries_.emplace_back(Entry{type, std::string(value), std::move(marker)}).marker;
}

std::string_view Vault::value(std::string_view marker) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [marker](const Entry& each) { return each.marker == marker; });
  return found == entries_.end() ? std::string_view() : std::string_view(found->value);
}

bool Vault::begins_marker(std::string_view text) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [text](const Entry& each) { return std::string_view(each.marker).starts_with(text); });
}

namespace {

// Markers of the vault in a text.
class MarkerFinder : public text::Finder {
 public:
  explicit MarkerFinder(const Vault& vault) : vault_(vault) {}

  [[nodiscard]] text::Found next(const text::Window& window) const override {
    constexpr std::size_t kLongest = 64;
    for (std::size_t at = window.text.find('[', window.from); at != window.text.npos;
         at = window.text.find('[', at + 1)) {
      const std::string_view rest = window.text.substr(at, kLongest);
      const std::size_t close = rest.find(']');
      if (close != rest.npos) {
        if (!vault_.value(rest.substr(0, close + 1)).empty()) return {text::Match{at, at + close + 1, 0}, at};
      } else if (!window.end && rest.size() < kLongest && vault_.begins_marker(rest)) {
        return {std::nullopt, at};
      }
    }
    return {std::nullopt, window.text.size()};
  }

 private:
  const Vault& vault_;
};

struct HasMarkers {
  explicit HasMarkers(const Vault& vault) : markers(vault) {}
  MarkerFinder markers;
};

class RestoreStage : private HasMarkers, public FinderStage {
 public:
  explicit RestoreStage(const Vault& vault) : HasMarkers(vault), FinderStage(markers), vault_(vault) {}

 protected:
  Verdict decide(const llm::Lane&, std::string_view, std::string_view match, std::uint16_t,
                 std::string& marker) override {
    marker = vault_.value(match);
    return Verdict::redact;
  }

 private:
  const Vault& vault_;
};

}  // namespace

std::unique_ptr<Stage> make_restore(const Vault& vault) { return std::make_unique<RestoreStage>(vault); }

}  // namespace kt::policy

#include "policy/safety_terms.hpp"

#include <algorithm>
#include <map>

namespace kt::embedded {
std::string_view safety_critical_infrastructure();
std::string_view safety_automotive();
std::string_view safety_education();
std::string_view safety_law_enforcement();
}  // namespace kt::embedded

namespace kt::policy {
namespace {

using Options = std::vector<std::string_view>;

struct Set {
  std::string_view mode;
  std::string_view (*file)();
};

constexpr Set kSets[] = {{"critical_infrastructure", embedded::safety_critical_infrastructure},
                         {"automotive", embedded::safety_automotive},
                         {"education", embedded::safety_education},
                         {"law_enforcement", embedded::safety_law_enforcement}};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Options options_of(std::string_view list) {
  Options out;
  for (;;) {
    const std::size_t bar = list.find('|');
    out.push_back(trimmed(list.substr(0, bar)));
    if (bar == list.npos) return out;
    list.remove_prefix(bar + 1);
  }
}

class Reader {
 public:
  Reader(std::uint8_t max_distance, SafetyTerms& out) : max_distance_(max_distance), out_(out) {}

  void line(std::string_view text) {
    if (text.empty() || text.starts_with("# ")) return;
    if (text.starts_with('[') && text.ends_with(']')) return category(text.substr(1, text.size() - 2));
    if (!text.starts_with('@')) return expand({}, text);
    const std::size_t equals = text.find('=');
    slots_[trimmed(text.substr(1, equals - 1))] = options_of(text.substr(equals + 1));
  }

 private:
  void category(std::string_view name) {
    const auto known = std::find(out_.categories.begin(), out_.categories.end(), name);
    kind_ = static_cast<std::uint16_t>(known - out_.categories.begin());
    if (known == out_.categories.end()) out_.categories.emplace_back(name);
  }

  void expand(std::string done, std::string_view rest) {
    const std::size_t open = rest.find('{'), close = rest.find('}');
    if (open == rest.npos || close == rest.npos) {
      out_.terms.push_back({done.append(rest), kind_, max_distance_});
      return;
    }
    const std::string_view inside = rest.substr(open + 1, close - open - 1);
    const auto slot = slots_.find(inside);
    done.append(rest.substr(0, open));
    for (const std::string_view option : slot != slots_.end() ? slot->second : options_of(inside))
      expand(done + std::string(option), rest.substr(close + 1));
  }

  std::uint8_t max_distance_;
  SafetyTerms& out_;
  std::uint16_t kind_ = 0;
  std::map<std::string_view, Options> slots_;
};

}  // namespace

void read_safety_terms(std::string_view file, std::uint8_t max_distance, SafetyTerms& out) {
  Reader reader(max_distance, out);
  while (!file.empty()) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    reader.line(file.substr(0, end));
    file.remove_prefix(std::min(end + 1, file.size()));
  }
}

SafetyTerms safety_terms(std::string_view mode, std::uint8_t max_distance) {
  SafetyTerms out;
  for (const Set& set : kSets) {
    if (mode == set.mode || mode == "strict") read_safety_terms(set.file(), max_distance, out);
  }
  return out;
}

}  // namespace kt::policy

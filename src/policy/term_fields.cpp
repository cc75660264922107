#include "policy/term_fields.hpp"

#include <nlohmann/json.hpp>

namespace kt::policy {

void add_terms(const nlohmann::json& list, const std::string& field, std::uint16_t kind,
               std::uint8_t max_distance, std::vector<text::Term>& terms, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto term = list[i].get<std::string>();
    if (const Status fine = text::TermFinder::check(term); fine) {
      terms.push_back({term, kind, max_distance});
    } else {
      problems.push_back({field + "[" + std::to_string(i) + "]", fine.error().message,
                          "write a word or a phrase, or use a pattern"});
    }
  }
}

}  // namespace kt::policy

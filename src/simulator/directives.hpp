#pragma once
// "simulate:NAME" and "simulate:NAME=VALUE" words in the last user message steer one answer.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace kt::simulator {

class Directives {
 public:
  static Directives parse(std::string_view text);
  void add(std::string_view words) { merge(parse(words)); }
  [[nodiscard]] bool has(const std::string& name) const { return values_.contains(name); }
  [[nodiscard]] std::string text(const std::string& name) const;
  [[nodiscard]] std::optional<long> number(const std::string& name) const;

 private:
  void merge(const Directives& other) { values_.insert(other.values_.begin(), other.values_.end()); }
  std::map<std::string, std::string> values_;
};

}  // namespace kt::simulator

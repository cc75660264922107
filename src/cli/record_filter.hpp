#pragma once
// Which records of the audit log a command shows; shared by `kt events` and `kt audit search`.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "kt/audit/reader.hpp"

namespace kt::cli {

class RecordFilter {
 public:
  void add_options(CLI::App& command);

  // After parsing: turns the times into moments. False after saying what is wrong.
  bool prepare();

  [[nodiscard]] std::optional<WallTime> from() const { return since_at_; }

  // The record as JSON when it is to be shown; by default only ends of requests are.
  [[nodiscard]] std::optional<nlohmann::ordered_json> match(const audit::ReadLine& line) const;
  [[nodiscard]] bool past_end(const audit::ReadLine& line) const;  // lines of a later time

  std::string state_dir = "./kt-state";

 private:
  std::string since_, until_, verdict_, policy_, consumer_, model_, target_, type_, request_;
  std::optional<WallTime> since_at_, until_at_;
};

}  // namespace kt::cli

#pragma once
// A directory that goes away, a clock with hands, and an audit log to do things to.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "audit/engine.hpp"
#include "kt/audit/verify.hpp"

namespace kt::test {

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "kt-audit-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

// Begins at the machine's time: retention looks at the times of files too.
class Hands final : public Clock {
 public:
  SteadyTime steady() const override { return steady_; }
  WallTime wall() const override { return wall_; }
  void pass(std::chrono::microseconds time) { steady_ += time, wall_ += time; }
  void jump(std::chrono::microseconds time) { wall_ += time; }

 private:
  SteadyTime steady_ = system_clock().steady();
  WallTime wall_ = system_clock().wall();
};

inline std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

inline std::string segment(const std::string& state_dir, int number) {
  return audit::record_directory(state_dir) + "/" +
         audit::segment_name(true, static_cast<std::uint64_t>(number));
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != text.npos; begin = end + 1)
    lines.push_back(text.substr(begin, end + 1 - begin));
  return lines;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

struct Writer {
  explicit Writer(const std::string& state_dir) {
    options.state_dir = state_dir;
    options.clock = &hands;
  }
  Status open() {
    engine.reset();
    auto opened = audit::Engine::open(options);
    if (!opened) return opened.error();
    engine = std::move(*opened);
    return {};
  }
  void add(audit::Entry entry) {
    std::vector<audit::Entry> batch;
    batch.push_back(std::move(entry));
    engine->append(batch);
  }
  void accept(const std::string& id, audit::Waiter* waiter = nullptr) {
    audit::Record record;
    record.time = hands.wall();
    record.request_id = id;
    record.model = "gpt-4o";
    add({audit::Kind::accepted, id, audit::accepted_fields(record), waiter});
  }
  void complete(const std::string& id) {
    audit::Record record;
    record.time = hands.wall();
    record.request_id = id;
    record.status = 200;
    add({audit::Kind::completed, id, audit::completed_fields(record), nullptr});
  }
  void request(const std::string& id) {
    accept(id);
    complete(id);
  }
  // The process is gone without a word.
  void crash() { engine.reset(); }
  void close() {
    engine->close();
    engine.reset();
  }

  Hands hands;
  audit::Options options;
  std::unique_ptr<audit::Engine> engine;
};

inline audit::Verified verified(const std::string& state_dir) {
  audit::VerifyOptions options;
  options.state_dir = state_dir;
  auto found = audit::verify_log(options);
  if (!found) {
    audit::Verified failed;
    failed.fault = audit::Fault{std::nullopt, "", 0, "unreadable: " + found.error().message};
    return failed;
  }
  return *found;
}

inline std::string reason(const audit::Verified& found) { return found.fault ? found.fault->reason : ""; }

inline std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += what.size()) ++n;
  return n;
}

}  // namespace kt::test

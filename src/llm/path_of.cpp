// The path of a place in a document, for explanations: walked anew, so that the request path keeps none.
#include <vector>

#include "kt/json/scan_inline.hpp"
#include "kt/llm/lanes.hpp"

namespace kt::llm {
namespace {

class PathWalk {
 public:
  PathWalk(std::string_view document, std::size_t at) : document_(document), at_(at) {}
  void begin_object(std::size_t) { open(false); }
  void end_object(std::size_t) { steps_.pop_back(); }
  void begin_array(std::size_t) { open(true); }
  void end_array(std::size_t) { steps_.pop_back(); }
  void name(json::Span span, bool) {
    steps_.back().name = span.of(document_);
    look(span);
  }
  void string(json::Span span, bool) {
    next();
    look(span);
  }
  void number(json::Span) { next(); }
  void literal(json::Span) { next(); }
  std::string path;

 private:
  struct Step {
    bool array = false;
    std::size_t index = 0;
    std::string_view name;
  };

  void next() {
    if (!steps_.empty() && steps_.back().array) ++steps_.back().index;
  }
  void open(bool array) {
    next();
    steps_.push_back({array, 0, {}});
  }
  void look(json::Span span) {
    if (at_ < span.begin || at_ > span.end || !path.empty()) return;
    for (const Step& step : steps_) {
      if (step.array) {
        path += "[" + std::to_string(step.index - 1) + "]";
      } else {
        path += (path.empty() ? "" : ".") + std::string(step.name);
      }
    }
  }

  std::string_view document_;
  std::size_t at_;
  std::vector<Step> steps_;
};

}  // namespace

std::string path_of(std::string_view document, std::size_t at) {
  PathWalk walk(document, at);
  json::scan_with(document, walk, {1024});
  return walk.path;
}

}  // namespace kt::llm

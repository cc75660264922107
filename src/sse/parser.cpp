#include "kt/sse/parser.hpp"

#include <algorithm>
#include <cstring>

namespace kt::sse {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

std::size_t find_line_end(std::string_view text, std::size_t from) {
  const void* lf = std::memchr(text.data() + from, '\n', text.size() - from);
  const std::size_t end =
      lf == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(lf) - text.data());
  const void* cr = std::memchr(text.data() + from, '\r', end - from);
  if (cr != nullptr) return static_cast<std::size_t>(static_cast<const char*>(cr) - text.data());
  return lf == nullptr ? kNone : end;
}

}  // namespace

void Parser::feed(std::string_view bytes) {
  if (overflow_) return;
  if (held_.empty()) {
    input_ = bytes;
    return;
  }
  held_.append(bytes);
  input_ = held_;
}

// `input_` starts at a block. Looks for its end from where the last look stopped; what is left at the end is
// kept.
std::optional<Event> Parser::next() {
  if (overflow_) return std::nullopt;
  if (!skip_prefix()) {
    keep_rest();
    return std::nullopt;
  }
  while (!input_.empty()) {
    const std::size_t line = scanned_;
    const std::size_t end = find_line_end(input_, std::max(line, searched_));
    if (end == kNone) {
      searched_ = input_.size();
      break;
    }
    std::size_t after = end + 1;
    if (input_[end] == '\r') {
      // Whether an LF follows decides nothing about this line; it is swallowed when it comes.
      if (after < input_.size() && input_[after] == '\n')
        ++after;
      else if (after == input_.size())
        swallow_lf_ = true;
    }
    scanned_ = searched_ = after;
    if (end == line) return dispatch(after);
    take_line(line, end);
  }
  keep_rest();
  return std::nullopt;
}

// A BOM at the very start, and the LF of a CRLF that was cut. False: only more bytes can tell whether there
// is a BOM.
bool Parser::skip_prefix() {
  if (input_.empty()) return true;
  if (at_start_) {
    static constexpr std::string_view kBom = "\xef\xbb\xbf";
    if (input_.size() < 3 && kBom.starts_with(input_)) return false;
    at_start_ = false;
    if (input_.starts_with(kBom)) input_.remove_prefix(kBom.size());
  }
  if (swallow_lf_ && scanned_ < input_.size()) {
    swallow_lf_ = false;
    if (input_[scanned_] == '\n') searched_ = ++scanned_;
  }
  return true;
}

void Parser::take_line(std::size_t begin, std::size_t end) {
  const std::string_view line = input_.substr(begin, end - begin);
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view name = line.substr(0, colon);
  std::size_t value = std::min(colon + 1, line.size());
  if (value < line.size() && line[value] == ' ') ++value;
  const Range range{begin + value, end};
  if (name == "data") {
    ++data_lines_;
    if (data_lines_ == 1) {
      data_ = range;
    } else {
      if (data_lines_ == 2) joined_.assign(input_.substr(data_.begin, data_.end - data_.begin));
      joined_ += '\n';
      joined_.append(line.substr(value));
    }
  } else if (name == "event") {
    type_ = range;
  } else if (name == "id" && line.find('\0') == kNone) {
    id_.assign(line.substr(value));
  }
}

std::optional<Event> Parser::dispatch(std::size_t after) {
  Event event;
  event.raw = input_.substr(0, after);
  event.has_data = data_lines_ > 0;
  event.type = input_.substr(type_.begin, type_.end - type_.begin);
  event.data =
      data_lines_ > 1 ? std::string_view(joined_) : input_.substr(data_.begin, data_.end - data_.begin);
  event.id = id_;
  input_.remove_prefix(after);
  scanned_ = searched_ = 0;
  data_lines_ = 0;
  data_ = type_ = {};
  return event;
}

void Parser::keep_rest() {
  if (input_.size() > max_block_) {
    overflow_ = true;
    held_.clear();
    input_ = {};
    return;
  }
  if (input_.data() == held_.data() && input_.size() == held_.size()) return;
  std::string rest(input_);
  held_.swap(rest);
  input_ = held_;
}

std::size_t Parser::pending() const { return input_.size(); }

}  // namespace kt::sse

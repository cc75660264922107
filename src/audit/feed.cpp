#include "kt/audit/feed.hpp"

#include <unistd.h>

#include <charconv>

#include "audit/files.hpp"
#include "audit/line.hpp"
#include "audit/lines.hpp"
#include "kt/audit/keys.hpp"

namespace kt::audit {
namespace {

constexpr std::string_view kName = "kt-audit-cursor ";

bool number(std::string_view& text, char end, std::uint64_t& out) {
  const auto [behind, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const auto taken = static_cast<std::size_t>(behind - text.data());
  if (error != std::errc() || taken >= text.size() || *behind != end) return false;
  text.remove_prefix(taken + 1);
  return true;
}

}  // namespace

Result<Feed> Feed::open(const std::string& state_dir, std::string cursor, bool signed_only) {
  Place from;
  if (access(cursor.c_str(), F_OK) == 0) {
    const auto text = read_small(cursor);
    if (!text) return text.error();
    std::string_view rest = *text;
    const bool named = rest.starts_with(kName);
    if (named) rest.remove_prefix(kName.size());
    if (!named || !number(rest, ' ', from.segment) || !number(rest, '\n', from.offset) || !rest.empty())
      return Error{Code::internal, cursor + " is no cursor of the audit log"};
  }
  return Feed(record_directory(state_dir), std::move(cursor), signed_only, from);
}

Status Feed::take(const std::string& path, std::uint64_t end, std::size_t& left,
                  std::vector<std::string>& lines) {
  auto file = Lines::open(path, ahead_.offset);
  if (!file) return file.error();
  std::string_view text;
  while (left > 0 && ahead_.offset < end && file->next(text)) {
    if (!file->complete()) break;
    ahead_.offset = file->end();
    left -= std::min(left, text.size() + 1);
    LineView line;
    if (signed_only_ && (parse_line(text, line) != nullptr || line.sig.empty())) continue;
    lines.emplace_back(text);
  }
  return file->status();
}

Result<std::vector<std::string>> Feed::next(const Durable& end, std::size_t bytes) {
  std::vector<std::string> lines;
  const Place last{end.segment, end.bytes};
  ahead_ = at_;
  if (ahead_ == last) return lines;
  const auto listing = list_segments(directory_);
  if (!listing) return listing.error();
  for (const SegmentFile& each : end.sealed ? listing->sealed : listing->plain) {
    if (each.number < ahead_.segment || each.number > end.segment || bytes == 0) continue;
    if (each.number > ahead_.segment) ahead_ = {each.number, 0};
    const std::uint64_t until = each.number == end.segment ? end.bytes : each.bytes;
    if (auto status = take(each.path, until, bytes, lines); !status) return status.error();
  }
  if (lines.empty()) at_ = ahead_;
  return lines;
}

Status Feed::done() {
  at_ = ahead_;
  const std::string text =
      std::string(kName) + std::to_string(at_.segment) + " " + std::to_string(at_.offset) + "\n";
  return replace_file(cursor_, text, 0600);
}

}  // namespace kt::audit

// Which files a log has, and what is said of them; the lines are verifier.cpp's.
#include "kt/audit/verify.hpp"

#include <unistd.h>

#include "audit/files.hpp"
#include "audit/lines.hpp"
#include "audit/verifier.hpp"
#include "kt/audit/time.hpp"

namespace kt::audit {
namespace {

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

struct Trust {
  std::vector<PublicKey> keys;
  std::optional<MacKey> mac;
  std::optional<std::uint64_t> stored_epoch, last_segment;
  std::string source;
};

Result<Trust> read_trust(const VerifyOptions& options) {
  const std::string state = state_directory(options.state_dir);
  Trust trust;
  const std::string beside = state + "/public.key",
                    named = options.public_key.empty() ? beside : options.public_key;
  if (!options.public_key.empty() || exists(beside)) {
    auto keys = read_public_keys(named);
    if (!keys) return keys.error();
    trust.keys = std::move(*keys);
    trust.source = named;
  }
  const std::string mac = options.mac_key.empty() ? state + "/mac-root.key" : options.mac_key;
  if (!options.mac_key.empty() || exists(mac)) {
    auto key = read_mac_key(mac);
    if (!key) return key.error();
    trust.mac = *key;
  }
  if (exists(state + "/mac-current.key")) {
    auto key = read_mac_key(state + "/mac-current.key");
    if (!key) return key.error();
    trust.stored_epoch = key->epoch;
  }
  if (exists(state + "/last-segment")) {
    const auto number = read_last_segment(state + "/last-segment");
    if (!number) return number.error();
    trust.last_segment = *number;
  }
  return trust;
}

Status read_witness(const std::string& path, Verifier& verifier) {
  auto lines = Lines::open(path);
  if (!lines) return lines.error();
  Sha256 hash;
  std::string_view text;
  while (lines->next(text)) {
    LineView line;
    if (!lines->complete()) break;  // the copy itself was cut short while it was written
    if (parse_line(text, line) != nullptr || line.sig.empty())
      return Error{Code::internal, path + " is not a file of checkpoints"};
    verifier.expect_witnessed(line.seq, hash.of({text.data(), text.size() + 1}));
  }
  return lines->status();
}

// The moment a segment begins, as its own first line says; nothing when it does not begin like one.
std::optional<WallTime> began(const SegmentFile& file) {
  auto lines = Lines::open(file.path);
  std::string_view text;
  LineView line;
  if (!lines || !lines->next(text) || parse_line(text, line) != nullptr) return std::nullopt;
  return parse_rfc3339(line.timestamp);
}

// Leaves the segments that may have a line between `from` and `to`.
void select(const VerifyOptions& options, std::vector<SegmentFile>& segments) {
  std::size_t first = 0, last = segments.size();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto at = began(segments[i]);
    if (!at) continue;
    if (options.from && *at <= *options.from) first = i;
    if (options.to && *at > *options.to && last == segments.size()) last = std::max(i, first + 1);
  }
  segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(last), segments.end());
  segments.erase(segments.begin(), segments.begin() + static_cast<std::ptrdiff_t>(first));
}

class Run {
 public:
  Run(const VerifyOptions& options, Trust trust)
      : options_(options), trust_(std::move(trust)), verifier_(trust_.keys, trust_.mac) {}

  Result<Verified> all() {
    auto listing = list_segments(record_directory(options_.state_dir));
    if (!listing) return listing.error();
    if (!options_.witness.empty()) {
      if (auto status = read_witness(options_.witness, verifier_); !status) return status.error();
    }
    std::vector<SegmentFile> segments = listing->sealed;
    if (options_.from || options_.to) select(options_, segments);
    const bool from_start = segments.size() > 0 && segments.front().number == listing->sealed.front().number;
    const bool to_end = segments.size() > 0 && segments.back().number == listing->sealed.back().number;
    if (from_start && segments.front().number > 1) verifier_.expect_retired(segments.front().number - 1);
    if (auto status = read_all(segments); !status) return status.error();
    if (!verifier_.result.fault) finish(*listing, segments, from_start, to_end);
    Verified result = std::move(verifier_.result);
    result.partial = !from_start || !to_end;
    result.mac_checked = trust_.mac.has_value();
    result.key_source = trust_.source.empty() ? "the log itself" : trust_.source;
    return result;
  }

 private:
  void fault(std::optional<std::uint64_t> seq, std::string segment, std::uint64_t offset,
             std::string reason) {
    verifier_.result.fault = Fault{seq, std::move(segment), offset, std::move(reason)};
  }

  Status read_all(const std::vector<SegmentFile>& segments) {
    std::uint64_t bytes_before = 0;
    for (std::size_t i = 0; i < segments.size() && !verifier_.result.fault; ++i) {
      if (i > 0 && segments[i].number != segments[i - 1].number + 1) {
        fault(verifier_.next_seq(), segment_name(true, segments[i - 1].number + 1), 0,
              "the segment is missing");
        return {};
      }
      if (auto status = read_one(segments[i], bytes_before, i + 1 == segments.size()); !status) return status;
    }
    return {};
  }

  Status read_one(const SegmentFile& file, std::uint64_t& bytes_before, bool last) {
    auto lines = Lines::open(file.path);
    if (!lines) return lines.error();
    ++verifier_.result.segments;
    std::string_view text;
    const char* why = nullptr;
    bool first = true;
    while (why == nullptr && lines->next(text)) {
      // The writer stopped in the middle of a line: not a manipulation while the log is open.
      if (!lines->complete() && last && !first && text.size() < kMaxLine) {
        verifier_.result.torn_bytes = text.size();
        break;
      }
      why = !lines->complete() ? "the line does not end"
            : first            ? verifier_.begin_segment(text, file.number, bytes_before)
                               : verifier_.take(text);
      first = false;
    }
    if (!lines->status()) return lines->status();
    if (why == nullptr && first) why = "the segment is empty";
    if (why != nullptr) fault(verifier_.next_seq(), name_of(file.path), lines->offset(), why);
    bytes_before = lines->end();
    verifier_.result.bytes += lines->end();
    return {};
  }

  void finish(const Listing& listing, const std::vector<SegmentFile>& segments, bool from_start,
              bool to_end) {
    if (!listing.plain.empty())
      return fault(std::nullopt, name_of(listing.plain.front().path), 0,
                   "the segment is not sealed: nothing proves it");
    if (segments.empty()) return fault(0, segment_name(true, 1), 0, "there is no log");
    const std::string name = name_of(segments.back().path);
    if (to_end) {
      if (const char* why =
              verifier_.end_log(segments.back().number, trust_.stored_epoch, trust_.last_segment))
        return fault(verifier_.next_seq(), name, segments.back().bytes, why);
      if (verifier_.result.torn_bytes > 0 && (verifier_.result.closed || !trust_.stored_epoch))
        return fault(verifier_.next_seq(), name, segments.back().bytes - verifier_.result.torn_bytes,
                     "the last line is not complete: a crash or a cut; mac-current.key would tell");
      if (const auto cut = verifier_.witnessed_behind_end())
        return fault(*cut, name, segments.back().bytes,
                     "the witness has a checkpoint behind the log's end: it was cut");
    }
    if (from_start && segments.front().number > 1 && !verifier_.retired_told())
      return fault(verifier_.result.first_seq, segment_name(true, segments.front().number - 1), 0,
                   "the segment is missing and no line says that it was retired");
    for (const std::string& each : listing.foreign) {
      if (each != ".segment.new") return fault(std::nullopt, each, 0, "not a file of this log");
    }
  }

  const VerifyOptions& options_;
  Trust trust_;
  Verifier verifier_;
};

}  // namespace

Result<Verified> verify_log(const VerifyOptions& options) {
  auto trust = read_trust(options);
  if (!trust) return trust.error();
  return Run(options, std::move(*trust)).all();
}

}  // namespace kt::audit

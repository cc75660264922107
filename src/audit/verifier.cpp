#include "audit/verifier.hpp"

#include "kt/audit/time.hpp"

namespace kt::audit {
namespace {

bool is_hex_of(std::string_view text, const Digest& digest) {
  Digest given;
  return from_hex(text, given.data(), given.size()) && given == digest;
}

bool must_be_signed(std::string_view type) {
  return type == "audit.checkpoint" || type == "segment.start" || type == "segment.end" ||
         type == "segment.retired" || type == "key.rotated";
}

}  // namespace

const char* Verifier::begin_segment(std::string_view text, std::uint64_t number, std::uint64_t bytes_before) {
  LineView line;
  if (const char* why = parse_line(text, line)) return why;
  if (line.event_type != "segment.start") return "the segment does not begin with segment.start";
  tree_ = Merkle();
  if (const char* why = take_start(line, number, bytes_before)) return why;
  ended_ = false;
  return take_common(text, line);
}

const char* Verifier::take_start(const LineView& line, std::uint64_t number, std::uint64_t bytes_before) {
  if (own_number(line.rest, "segment") != number) return "the segment's number is not its file's";
  const auto epoch = own_number(line.rest, "epoch");
  PublicKey key{};
  if (!epoch || !from_hex(own_field(line.rest, "public_key"), key.data(), key.size()))
    return "segment.start lacks epoch or public_key";
  if (!current_) {
    if (trusted_.empty()) trusted_.push_back(key);
    for (const PublicKey& each : trusted_) {
      if (each == key) current_ = key;
    }
    if (!current_) return "signed with a key that is not the given public key";
  }
  if (key != *current_) return "the signing key changed without a key.rotated line";
  const std::string_view previous = own_field(line.rest, "previous");
  if (!any_) {
    log_id_ = own_field(line.rest, "log_id");
    seq_ = line.seq;
    epoch_ = *epoch;
    result.first_seq = line.seq;
    if (line.seq == 0 && previous != "none") return "the first segment names a segment before it";
    if (line.sealed) from_hex(line.prev, prev_.data(), prev_.size());
    first_prev_ = prev_;
    if (line.seq == 0 && prev_ != Digest{}) return "the first line names a line before it";
    return nullptr;
  }
  if (own_field(line.rest, "log_id") != log_id_) return "the segment belongs to another log";
  if (*epoch != epoch_) return "the epoch jumps: lines are missing before this segment";
  if (previous == "damaged") return "the writer found the segment before this one damaged";
  if (ended_ != (previous == "ended"))
    return "segment.end of the segment before does not agree with this start";
  if (own_number(line.rest, "previous_bytes") != bytes_before)
    return "the segment before this one has not the size it had when this one began";
  return nullptr;
}

const char* Verifier::take(std::string_view text) {
  if (ended_) return "a line behind segment.end";
  LineView line;
  if (const char* why = parse_line(text, line)) return why;
  if (line.event_type == "segment.start") return "segment.start inside a segment";
  return take_common(text, line);
}

const char* Verifier::take_common(std::string_view text, const LineView& line) {
  if (line.seq != seq_) return "the sequence number is not the next one";
  if (!line.sealed) return "the line is not sealed: no prev, no mac";
  if (!is_hex_of(line.prev, prev_))
    return "the hash chain is broken: prev is not the hash of the line before";
  if (const char* why = check_mac(line)) return why;
  if (!line.sig.empty() || must_be_signed(line.event_type)) {
    if (const char* why = check_signature(line)) return why;
    if (const char* why = take_own(line)) return why;
  }
  prev_ = hash_.of({text.data(), text.size() + 1});
  tree_.add(hash_, prev_);
  if (!witnessed_.empty()) {
    if (const auto copy = witnessed_.find(seq_); copy != witnessed_.end()) {
      if (copy->second != prev_) return "the line is not the one the witness has";
      ++result.witnessed;
    }
  }
  if (!line.sig.empty()) last_signed_ = prev_;
  any_ = true;
  result.last_seq = seq_++;
  ++result.lines;
  result.after_checkpoint = line.sig.empty() ? result.after_checkpoint + 1 : 0;
  if (line.event_type == "request.accepted") ++result.accepted;
  if (line.event_type == "request.completed") ++result.completed;
  if (line.event_type == "request.interrupted") ++result.interrupted;
  last_type_ = line.event_type;
  if (closes_) {
    closes_ = false;
    ++epoch_;
    hmac_.reset();
  }
  return nullptr;
}

const char* Verifier::check_mac(const LineView& line) {
  if (!mac_) return nullptr;
  if (!hmac_) {
    if (mac_->epoch > epoch_) return "the MAC key is of a later epoch than the line";
    while (mac_->epoch < epoch_) mac_->advance();
    hmac_.emplace(view(mac_->key));
  }
  return is_hex_of(line.mac, hmac_->of(line.maced_part)) ? nullptr : "the MAC does not match";
}

const char* Verifier::check_signature(const LineView& line) {
  Signature signature{};
  if (line.sig.empty() || !from_hex(line.sig, signature.data(), signature.size()))
    return "the line is not signed";
  std::string bytes(kSignatureDomain);
  bytes += line.signed_part;
  return verify_signature(*current_, bytes, signature) ? nullptr : "the signature does not match";
}

const char* Verifier::take_own(const LineView& line) {
  ++result.checkpoints;
  if (line.event_type == "segment.retired") return take_retired(line);
  if (line.event_type == "key.rotated") return take_rotation(line);
  if (line.event_type == "audit.checkpoint" || line.event_type == "segment.end") return take_checkpoint(line);
  return line.event_type == "segment.start" ? nullptr : "a signed line of an unknown kind";
}

const char* Verifier::take_checkpoint(const LineView& line) {
  if (own_number(line.rest, "lines") != tree_.size()) return "the checkpoint counts other lines";
  if (!is_hex_of(own_field(line.rest, "root"), tree_.root(hash_))) return "the Merkle root does not match";
  if (own_number(line.rest, "epoch") != epoch_) return "the checkpoint is of another epoch";
  if (!is_hex_of(own_field(line.rest, "previous_checkpoint"), last_signed_))
    return "the checkpoint follows another signed line";
  closes_ = own_field(line.rest, "closes_epoch") == "true";
  if (line.event_type == "segment.end") {
    if (!closes_) return "segment.end does not close its epoch";
    ended_ = true;
    end_reason_ = own_field(line.rest, "reason");
  }
  return nullptr;
}

const char* Verifier::take_retired(const LineView& line) {
  const auto newest = parse_rfc3339(own_field(line.rest, "newest"));
  const auto at = parse_rfc3339(line.timestamp);
  const auto days = own_number(line.rest, "retention_days");
  if (!newest || !at || !days) return "segment.retired lacks a field";
  if (*at - *newest < std::chrono::hours(24) * *days) return "a segment was retired before its time";
  if (own_number(line.rest, "segment") != retired_wanted_ || retired_wanted_ == 0) return nullptr;
  if (own_number(line.rest, "last_seq") != result.first_seq - 1 ||
      !is_hex_of(own_field(line.rest, "last_hash"), first_prev_))
    return "segment.retired names another end than the one this log goes on from";
  retired_told_ = true;
  return nullptr;
}

const char* Verifier::take_rotation(const LineView& line) {
  PublicKey key{};
  if (!from_hex(own_field(line.rest, "new_public_key"), key.data(), key.size()))
    return "key.rotated lacks its key";
  current_ = key;
  return nullptr;
}

const char* Verifier::end_log(std::uint64_t last, std::optional<std::uint64_t> epoch,
                              std::optional<std::uint64_t> segment) {
  result.closed = ended_ && end_reason_ == "close";
  if (segment && *segment > last) return "the segment that follows this one is missing";
  // Killed between two segments: only last-segment can tell this from a segment that was taken away.
  if (ended_ && !result.closed && !segment) return "the segment that follows this one is missing";
  if (!ended_ && last_type_ == "audit.close") return "segment.end is missing behind audit.close";
  if (epoch && *epoch > epoch_)
    return "lines are missing at the end: the writer has closed more epochs than the log shows";
  return nullptr;
}

std::optional<std::uint64_t> Verifier::witnessed_behind_end() const {
  if (witnessed_.empty() || !any_ || witnessed_.rbegin()->first < seq_) return std::nullopt;
  return witnessed_.rbegin()->first;
}

}  // namespace kt::audit

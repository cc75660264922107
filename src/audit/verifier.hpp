#pragma once
// Line by line: what must hold between a line and everything before it. No files here.

#include <map>
#include <string>

#include "audit/line.hpp"
#include "audit/merkle.hpp"
#include "kt/audit/keys.hpp"
#include "kt/audit/verify.hpp"

namespace kt::audit {

class Verifier {
 public:
  // `mac`: without it MACs are not checked.
  Verifier(std::vector<PublicKey> trusted, std::optional<MacKey> mac)
      : trusted_(std::move(trusted)), mac_(mac) {}

  // Null, or what is wrong. `text` is without its line feed; the line feed stands behind it in memory.
  const char* begin_segment(std::string_view text, std::uint64_t number, std::uint64_t bytes_before);
  const char* take(std::string_view text);
  // What is wrong with the end of the log, whose last segment is `last`; `epoch` and `segment`: what
  // mac-current.key and last-segment say, when they are there.
  const char* end_log(std::uint64_t last, std::optional<std::uint64_t> epoch,
                      std::optional<std::uint64_t> segment);

  // A retirement of the segment before the first one, if a line told of it.
  void expect_retired(std::uint64_t number) { retired_wanted_ = number; }
  [[nodiscard]] bool retired_told() const { return retired_told_; }

  void expect_witnessed(std::uint64_t seq, const Digest& hash) { witnessed_[seq] = hash; }
  [[nodiscard]] std::optional<std::uint64_t> witnessed_behind_end() const;

  [[nodiscard]] std::uint64_t next_seq() const { return seq_; }
  Verified result;

 private:
  const char* take_start(const LineView& line, std::uint64_t number, std::uint64_t bytes_before);
  const char* take_common(std::string_view text, const LineView& line);
  const char* take_checkpoint(const LineView& line);
  const char* take_retired(const LineView& line);
  const char* take_rotation(const LineView& line);
  const char* check_mac(const LineView& line);
  const char* check_signature(const LineView& line);
  const char* take_own(const LineView& line);

  std::vector<PublicKey> trusted_;
  std::optional<PublicKey> current_;
  std::optional<MacKey> mac_;
  std::optional<Hmac> hmac_;
  Sha256 hash_;
  Merkle tree_;
  std::uint64_t seq_ = 0, epoch_ = 0;
  Digest prev_{}, first_prev_{}, last_signed_{};
  std::string log_id_, last_type_, end_reason_;
  bool any_ = false, ended_ = false, closes_ = false;
  std::uint64_t retired_wanted_ = 0;
  bool retired_told_ = false;
  std::map<std::uint64_t, Digest> witnessed_;
};

}  // namespace kt::audit

#pragma once
// Turns fields into sealed lines: number, hash chain, MAC, signature, Merkle leaf. No files here.

#include <cstdint>
#include <string>
#include <string_view>

#include "audit/merkle.hpp"
#include "kt/audit/keys.hpp"

namespace kt::audit {

// Where the chain stands; a copy is enough to go on from there.
struct ChainPoint {
  std::uint64_t seq = 0;  // of the next line
  Digest prev{};          // hash of the last line, line feed included
  std::uint64_t segment = 0;
  Merkle tree;  // over the line hashes of this segment
};

class Chain {
 public:
  // `sealed` false: plain lines, numbered only.
  Chain(bool sealed, Keys keys, const ChainPoint& at);

  enum class Sign { no, yes };

  // Appends `{...}\n` to `out`. `fields` begins with "event_type" and is without braces.
  void seal(std::string_view fields, Sign sign, std::string& out);

  void begin_segment();
  void next_epoch();
  void sign_with(SigningKey key);  // from the next line on

  [[nodiscard]] const ChainPoint& point() const { return point_; }
  void restore(const ChainPoint& point) { point_ = point; }
  [[nodiscard]] bool sealed() const { return sealed_; }
  [[nodiscard]] const Keys& keys() const { return keys_; }
  [[nodiscard]] const std::string& instance() const { return instance_; }
  [[nodiscard]] std::string root_hex();

 private:
  bool sealed_;
  Keys keys_;
  ChainPoint point_;
  std::string instance_;  // random, of this process's run
  Sha256 hash_;
  Hmac mac_;
};

// `"event_type":"<type>","timestamp":"<now>"`, how every event of the log's own begins.
std::string event_fields(std::string_view type, std::string_view timestamp);
void add_text(std::string& fields, std::string_view name, std::string_view value);  // of our own, not escaped
void add_number(std::string& fields, std::string_view name, std::uint64_t value);

}  // namespace kt::audit

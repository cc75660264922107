#include "audit/chain.hpp"

#include <array>
#include <charconv>

#include "audit/line.hpp"

namespace kt::audit {
namespace {

std::string random_hex() {
  std::array<char, 8> bytes{};
  random_bytes(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size());
  return hex(std::string_view(bytes.data(), bytes.size()));
}

void append_hex(std::string_view bytes, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[c & 15];
  }
}

void append_number(std::uint64_t value, std::string& out) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void append_id(const std::string& instance, std::uint64_t seq, std::string& out) {
  out += instance;
  char digits[16];
  for (int i = 15; i >= 0; --i, seq >>= 4) digits[i] = "0123456789abcdef"[seq & 15];
  out.append(digits, sizeof digits);
}

}  // namespace

Chain::Chain(bool sealed, Keys keys, const ChainPoint& at)
    : sealed_(sealed),
      keys_(std::move(keys)),
      point_(at),
      instance_(random_hex()),
      mac_(view(keys_.current.key)) {}

void Chain::seal(std::string_view fields, Sign sign, std::string& out) {
  const std::size_t begin = out.size();
  const auto written = [&] { return std::string_view(out).substr(begin); };
  out += "{\"v\":1,\"seq\":";
  append_number(point_.seq, out);
  out += ",\"id\":\"evt_";
  append_id(instance_, point_.seq, out);
  out += "\",";
  out += fields;
  if (sealed_) {
    out += ",\"prev\":\"";
    append_hex(view(point_.prev), out);
    out += '"';
    if (sign == Sign::yes) {
      std::string signed_bytes(kSignatureDomain);
      signed_bytes += written();
      const Signature signature = keys_.signing.sign(signed_bytes);
      out += ",\"sig\":\"";
      append_hex({reinterpret_cast<const char*>(signature.data()), signature.size()}, out);
      out += '"';
    }
    const Digest mac = mac_.of(written());
    out += ",\"mac\":\"";
    append_hex(view(mac), out);
    out += '"';
  }
  out += "}\n";
  ++point_.seq;
  if (!sealed_) return;
  point_.prev = hash_.of(written());
  point_.tree.add(hash_, point_.prev);
}

void Chain::begin_segment() {
  ++point_.segment;
  point_.tree = Merkle();
}

void Chain::next_epoch() {
  keys_.current.advance();
  mac_ = Hmac(view(keys_.current.key));
}

void Chain::sign_with(SigningKey key) {
  keys_.trusted.push_back(key.public_key());
  keys_.signing = std::move(key);
}

std::string Chain::root_hex() { return hex(point_.tree.root(hash_)); }

std::string event_fields(std::string_view type, std::string_view timestamp) {
  std::string fields = "\"event_type\":\"";
  fields.append(type).append("\",\"timestamp\":\"").append(timestamp).append("\"");
  return fields;
}

void add_text(std::string& fields, std::string_view name, std::string_view value) {
  fields.append(",\"").append(name).append("\":\"").append(value).append("\"");
}

void add_number(std::string& fields, std::string_view name, std::uint64_t value) {
  fields.append(",\"").append(name).append("\":");
  append_number(value, fields);
}

}  // namespace kt::audit

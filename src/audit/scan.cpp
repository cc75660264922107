#include "audit/scan.hpp"

#include "audit/line.hpp"
#include "audit/lines.hpp"

namespace kt::audit {
namespace {

bool signature_holds(const LineView& line, const std::vector<PublicKey>& trusted) {
  Signature signature{};
  if (line.sig.empty() || !from_hex(line.sig, signature.data(), signature.size())) return false;
  std::string bytes(kSignatureDomain);
  bytes += line.signed_part;
  for (const PublicKey& key : trusted) {
    if (verify_signature(key, bytes, signature)) return true;
  }
  return false;
}

class Scanner {
 public:
  Scanner(bool sealed, const Keys& keys) : sealed_(sealed), keys_(keys), mac_key_(keys.current) {}

  // Null, or why the line does not follow.
  const char* take(std::string_view text, std::string_view with_feed) {
    LineView line;
    if (const char* why = parse_line(text, line)) return why;
    const bool first = scan.lines == 0;
    if (first && line.event_type != "segment.start") return "no segment.start";
    if (first) {
      scan.point.seq = line.seq;
      if (sealed_) from_hex(line.prev, scan.point.prev.data(), scan.point.prev.size());
      scan.epoch = own_number(line.rest, "epoch").value_or(0);
    }
    if (line.seq != scan.point.seq) return "sequence";
    if (sealed_) {
      if (!line.sealed || line.prev != hex(scan.point.prev)) return "chain";
      if (!line.sig.empty() && !signature_holds(line, keys_.trusted)) return "signature";
      if (!mac_holds(line)) return "mac";
      scan.point.prev = hash_.of(with_feed);
      scan.point.tree.add(hash_, scan.point.prev);
    }
    ++scan.point.seq;
    ++scan.lines;
    note(line);
    return nullptr;
  }

  // Something that no torn write leaves behind: a line the log has signed, or, without signatures, any line.
  [[nodiscard]] bool is_genuine(std::string_view text) const {
    LineView line;
    return parse_line(text, line) == nullptr && (!sealed_ || signature_holds(line, keys_.trusted));
  }

  Scan scan;

 private:
  // Keys of epochs before the current one are gone: such lines rest on chain and signatures here.
  bool mac_holds(const LineView& line) {
    if (scan.epoch < mac_key_.epoch) return true;
    while (mac_key_.epoch < scan.epoch) mac_key_.advance();
    return hex(Hmac(view(mac_key_.key)).of(line.maced_part)) == line.mac;
  }

  void note(const LineView& line) {
    scan.ended = line.event_type == "segment.end";
    if (line.event_type == "request.accepted") {
      scan.open.emplace(request_id_of(line));
    } else if (line.event_type == "request.completed" || line.event_type == "request.interrupted") {
      scan.open.erase(std::string(request_id_of(line)));
    } else if (line.event_type == "key.rotated") {
      scan.new_public_key = own_field(line.rest, "new_public_key");
    } else if (line.event_type == "audit.open") {
      note_open(line.rest);
    } else if (line.event_type == "segment.start") {
      scan.log_id = own_field(line.rest, "log_id");
      scan.previous = own_field(line.rest, "previous");
      scan.previous_bytes = own_number(line.rest, "previous_bytes").value_or(0);
      scan.point.segment = own_number(line.rest, "segment").value_or(0);
    }
    if (line.event_type == "audit.checkpoint" || scan.ended)
      scan.epoch += own_field(line.rest, "closes_epoch") == "true" ? 1 : 0;
  }

  void note_open(std::string_view rest) {
    std::size_t at = rest.find('[');
    while (at != rest.npos && (at = rest.find('"', at)) != rest.npos) {
      const std::size_t end = rest.find('"', at + 1);
      if (end == rest.npos) return;
      scan.open.emplace(rest.substr(at + 1, end - at - 1));
      at = end + 1;
    }
  }

  bool sealed_;
  const Keys& keys_;
  MacKey mac_key_;
  Sha256 hash_;
};

}  // namespace

Result<Scan> scan_segment(const SegmentFile& file, bool sealed, const Keys& keys) {
  auto lines = Lines::open(file.path);
  if (!lines) return lines.error();
  Scanner scanner(sealed, keys);
  const char* fault = nullptr;
  std::string_view line;
  while (lines->next(line)) {
    if (fault == nullptr) {
      const std::string_view with_feed(line.data(), line.size() + (lines->complete() ? 1 : 0));
      fault = lines->complete() ? scanner.take(line, with_feed) : "no line feed";
      if (fault == nullptr) scanner.scan.good_bytes = lines->end();
      if (scanner.scan.lines == 0) return Error{Code::internal, file.path + " does not begin like a segment"};
    } else if (lines->complete() && scanner.is_genuine(line)) {
      scanner.scan.damaged = true;
    }
  }
  if (!lines->status()) return lines->status().error();
  if (scanner.scan.lines == 0) return Error{Code::internal, file.path + " is empty"};
  scanner.scan.bad_bytes = lines->end() - scanner.scan.good_bytes;
  return std::move(scanner.scan);
}

}  // namespace kt::audit

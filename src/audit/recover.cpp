// The start: whose directory it is, where the last process left off, what it left unfinished.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "audit/engine.hpp"
#include "audit/scan.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::audit {
namespace {

struct Found {
  Scan scan;
  SegmentFile file;
  std::uint64_t last_number = 0;  // of any segment, readable or not
};

std::string random_id() {
  unsigned char bytes[16];
  random_bytes(bytes, sizeof bytes);
  return hex(std::string_view(reinterpret_cast<const char*>(bytes), sizeof bytes));
}

// The newest segment that begins like one; those behind it stay as they are and are named by verify.
Result<std::optional<Found>> find_last(const std::vector<SegmentFile>& segments, bool sealed,
                                       const Keys& keys) {
  for (std::size_t i = segments.size(); i-- > 0;) {
    auto scan = scan_segment(segments[i], sealed, keys);
    if (scan) return std::optional<Found>({std::move(*scan), segments[i], segments.back().number});
    telemetry::log(telemetry::Level::error, "audit_segment_damaged",
                   {{"reason", std::string_view(scan.error().message)}});
  }
  if (segments.empty()) return std::optional<Found>();
  return Error{Code::internal, "no segment in " +
                                   segments.back().path.substr(0, segments.back().path.rfind('/')) +
                                   " is usable; move the directory away to begin a new log, and keep it"};
}

// A crash in the middle of recovering from a failed write leaves lines that the next segment has as well.
Status cut_superseded(const std::vector<SegmentFile>& segments, const Found& found, Store& store) {
  if (found.scan.previous != "io_error") return {};
  for (const SegmentFile& each : segments) {
    if (each.number + 1 == found.file.number) return store.cut(each.path, found.scan.previous_bytes);
  }
  return {};
}

// Keeps what stands behind the last good line, outside the log, and cuts it off. Its hash goes into the log.
Result<std::string> cut_tail(const Found& found, Store& store) {
  std::ifstream file(found.file.path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(found.scan.good_bytes));
  const std::string tail((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string name =
      "torn-" + std::to_string(found.file.number) + "-" + std::to_string(found.scan.good_bytes);
  if (auto status = replace_file(store.state_directory() + "/" + name, tail, 0600); !status)
    return status.error();
  if (auto status = store.cut(found.file.path, found.scan.good_bytes); !status) return status.error();
  std::string fields;
  add_number(fields, "torn_bytes", tail.size());
  add_text(fields, "torn_sha256", hex(sha256(tail)));
  add_text(fields, "torn_file", name);
  return fields;
}

// A rotation of the signing key that a crash cut short.
Status settle_rotation(const std::string& directory, const std::optional<Found>& found, Keys& keys) {
  auto prepared = prepared_signing_key(directory);
  if (!prepared) return prepared.error();
  if (!*prepared) return {};
  if (!found || found->scan.new_public_key != hex((*prepared)->public_key())) return drop_signing_key(directory);
  if (auto status = adopt_signing_key(directory, **prepared, keys.trusted); !status) return status;
  keys.signing = std::move(**prepared);
  return {};
}

Status make_directories(const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.state_dir, error);
  if (error) return Error{Code::internal, "cannot create " + options.state_dir + ": " + error.message()};
  if (auto status = make_directory(record_directory(options.state_dir), 0750); !status) return status;
  if (auto status = make_directory(state_directory(options.state_dir), 0700); !status) return status;
  for (const std::string& each : {record_directory(options.state_dir), state_directory(options.state_dir)}) {
    if (access(each.c_str(), W_OK | X_OK) != 0) return file_error("cannot write to", each);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(const Options& options) {
  if (auto status = make_directories(options); !status) return status.error();
  auto claim = claim_directory(record_directory(options.state_dir));
  if (!claim) return claim.error();
  Store store(record_directory(options.state_dir), state_directory(options.state_dir));
  auto listing = list_segments(store.directory());
  if (!listing) return listing.error();
  const auto& segments = options.immutable ? listing->sealed : listing->plain;
  if (!listing->sealed.empty() && !keys_exist(store.state_directory()))
    return Error{Code::internal, "the audit log in " + store.directory() + " has no keys in " +
                                     store.state_directory() + "; restore them, or move the log away"};
  auto keys = load_or_create_keys(store.state_directory());
  if (!keys) return keys.error();
  auto found = find_last(segments, options.immutable, *keys);
  if (!found) return found.error();
  if (auto status = settle_rotation(store.state_directory(), *found, *keys); !status) return status.error();
  if (auto status = store.make_reserve(); !status) return status.error();
  ChainPoint point;
  std::uint64_t log_epoch = keys->current.epoch;
  if (*found) {
    point = (*found)->scan.point;
    point.segment = (*found)->last_number;
    log_epoch = (*found)->scan.epoch;
    if (auto status = cut_superseded(segments, **found, store); !status) return status.error();
  }
  while (options.immutable && keys->current.epoch < log_epoch) keys->current.advance();
  if (auto status = store_mac_key(store.state_directory(), keys->current); !status) return status.error();
  auto engine = std::make_unique<Engine>(options, std::move(*claim),
                                         Chain(options.immutable, std::move(*keys), point), std::move(store));
  if (!*found) {
    engine->log_id_ = random_id();
    if (auto status = engine->begin_segment({}, false); !status) return status.error();
    return engine;
  }
  if (auto status = engine->follow((*found)->scan, (*found)->file); !status) return status.error();
  return engine;
}

Status Engine::follow(const Scan& scan, const SegmentFile& file) {
  log_id_ = scan.log_id;
  open_ = scan.open;
  Previous previous{scan.ended ? "ended" : "crash", scan.good_bytes};
  std::string torn;
  if (scan.damaged) {
    previous.how = "damaged";
    telemetry::log(telemetry::Level::error, "audit_log_damaged", {{"path", std::string_view(file.path)}});
  } else if (scan.bad_bytes > 0) {
    auto cut = cut_tail({scan, file, 0}, store_);
    if (!cut) return cut.error();
    torn = std::move(*cut);
  }
  const bool rolled_back = chain_.sealed() && chain_.keys().current.epoch > scan.epoch;
  if (rolled_back) {
    telemetry::log(telemetry::Level::error, "audit_log_cut",
                   {{"path", std::string_view(file.path)},
                    {"reason", std::string_view("the keys are of a later epoch than the log's last line")}});
  }
  if (auto status = begin_segment(previous, false); !status) return status;
  if (!scan.ended || !torn.empty() || scan.damaged || rolled_back) {
    std::string fields = stamp("audit.recovery");
    add_text(fields, "previous", previous.how);
    add_number(fields, "interrupted", open_.size());
    if (rolled_back) fields += ",\"rolled_back\":true";
    keep_event(fields + torn);
  }
  note_interrupted();
  flush();
  if (store_.is_open()) sync();
  if (!store_.is_open()) return Error{Code::internal, trouble_};
  return {};
}

// The requests that the last process had accepted and not completed. They end here.
void Engine::note_interrupted() {
  for (const std::string& id : open_) {
    std::string fields = event_fields("request.interrupted", rfc3339(options_.clock->wall()));
    fields += ",\"request_id\":";
    append_json_string(id, 64, fields);
    fields += ",\"verdict\":\"error\",\"reason_code\":\"interrupted\"";
    pending_.push_back({Kind::completed, id, std::move(fields), nullptr});
  }
}

}  // namespace kt::audit

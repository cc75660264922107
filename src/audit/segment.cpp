// Begins and ends of segments, checkpoints, epochs.
#include "audit/engine.hpp"
#include "audit/line.hpp"
#include "kt/telemetry/log.hpp"

namespace kt::audit {
namespace {

constexpr std::size_t kOpenPerLine = 500;

std::string bool_member(std::string_view name) { return ",\"" + std::string(name) + "\":true"; }

}  // namespace

std::string Engine::stamp(std::string_view type) const {
  std::string fields = event_fields(type, rfc3339(options_.clock->wall()));
  const auto steady = std::chrono::duration_cast<std::chrono::microseconds>(now().time_since_epoch());
  add_number(fields, "steady_us", static_cast<std::uint64_t>(steady.count()));
  return fields;
}

std::string Engine::checkpoint_fields(std::string_view type) {
  std::string fields = stamp(type);
  add_number(fields, "segment", chain_.point().segment);
  add_number(fields, "lines", chain_.point().tree.size());
  add_text(fields, "root", chain_.root_hex());
  add_number(fields, "epoch", chain_.keys().current.epoch);
  add_text(fields, "previous_checkpoint", last_checkpoint_);
  add_number(fields, "open", open_.size());
  return fields;
}

Status Engine::begin_segment(const Previous& previous, bool with_pending) {
  const ChainPoint before = chain_.point();
  chain_.begin_segment();
  std::string fields = stamp("segment.start"), header;
  add_number(fields, "segment", chain_.point().segment);
  add_text(fields, "log_id", log_id_);
  add_text(fields, "instance", chain_.instance());
  add_number(fields, "epoch", chain_.keys().current.epoch);
  if (chain_.sealed()) add_text(fields, "public_key", hex(chain_.keys().trusted.back()));
  add_text(fields, "previous", previous.how);
  add_number(fields, "previous_bytes", previous.bytes);
  add_number(fields, "open", open_.size());
  chain_.seal(fields, Chain::Sign::yes, header);
  const std::string start_hash = hex(chain_.point().prev);
  for (auto id = open_.begin(); id != open_.end();) {
    std::string list;
    for (std::size_t i = 0; i < kOpenPerLine && id != open_.end(); ++i, ++id) {
      if (i > 0) list += ',';
      append_json_string(*id, 64, list);
    }
    chain_.seal(stamp("audit.open") + ",\"request_ids\":[" + list + "]", Chain::Sign::no, header);
  }
  if (with_pending) {
    for (const Entry& entry : pending_) seal_entry(entry, header);
  }
  if (auto status = store_.begin(chain_.sealed(), chain_.point().segment, header); !status) {
    chain_.restore(before);
    return status;
  }
  if (with_pending) pending_.clear();
  synced_point_ = chain_.point();
  synced_bytes_ = store_.bytes();
  segment_began_ = checkpointed_ = last_line_ = now();
  lines_since_checkpoint_ = with_pending ? 1 : 0;
  last_checkpoint_ = start_hash;
  // Not fatal: a number that is behind proves less, it does not accuse.
  if (auto status = store_last_segment(store_.state_directory(), chain_.point().segment); !status) {
    telemetry::log(telemetry::Level::warn, "audit_position_not_stored",
                   {{"reason", std::string_view(status.error().message)}});
  }
  ended_ = false;
  return {};
}

bool Engine::store_signed(const std::string& fields) {
  std::string line;
  chain_.seal(fields, Chain::Sign::yes, line);
  const std::string hash = hex(chain_.point().prev);
  if (auto status = store_.append(line); !status) {
    fail(status.error());
    return false;
  }
  to_witness_.emplace_back(store_.bytes(), line);
  sync();
  if (!store_.is_open()) return false;
  last_checkpoint_ = hash;
  return true;
}

void Engine::checkpoint() {
  std::string fields = checkpoint_fields("audit.checkpoint"), line;
  checkpointed_ = now();
  lines_since_checkpoint_ = 0;
  if (now() - epoch_began_ >= options_.epoch_age) {
    fields += bool_member("closes_epoch");
    if (store_signed(fields)) advance_epoch();
    return;
  }
  chain_.seal(fields, Chain::Sign::yes, line);
  last_checkpoint_ = hex(chain_.point().prev);
  if (auto status = store_.append(line); !status) return fail(status.error());
  if (unsynced_lines_++ == 0) unsynced_since_ = now();
  to_witness_.emplace_back(store_.bytes(), std::move(line));
  start_sync();
}

void Engine::end_segment(std::string_view reason) {
  std::string fields = checkpoint_fields("segment.end");
  add_text(fields, "reason", reason);
  if (chain_.sealed()) fields += bool_member("closes_epoch");
  if (!store_signed(fields)) return;
  ended_ = true;
  if (!chain_.sealed()) return;
  advance_epoch();
}

void Engine::advance_epoch() {
  chain_.next_epoch();
  epoch_began_ = now();
  // Not fatal: the next start finds the epoch's end in the log and takes the step then.
  if (auto status = store_mac_key(store_.state_directory(), chain_.keys().current); !status) {
    telemetry::log(telemetry::Level::warn, "audit_key_not_stored",
                   {{"reason", std::string_view(status.error().message)}});
  }
}

void Engine::rotate_if_due(bool idle) {
  const bool full = store_.bytes() >= options_.segment_bytes,
             old = now() - segment_began_ >= options_.segment_age;
  if (full || old) {
    end_segment(full ? "size" : "age");
    if (!store_.is_open()) return;
    const Previous previous{"ended", store_.bytes()};
    if (auto status = begin_segment(previous, false); !status) fail(status.error());
    return;
  }
  if (!chain_.sealed()) return;
  const auto silence = now() - checkpointed_;
  const bool due = lines_since_checkpoint_ == 0
                       ? silence >= options_.checkpoint_empty
                       : lines_since_checkpoint_ >= options_.checkpoint_lines ||
                             silence >= options_.checkpoint_age ||
                             (idle && now() - last_line_ >= options_.checkpoint_idle);
  if (due) checkpoint();
}

Status Engine::rotate_signing_key() {
  auto fresh = prepare_signing_key(store_.state_directory());
  if (!fresh) return fresh.error();
  std::string fields = stamp("key.rotated");
  add_text(fields, "new_public_key", hex(fresh->public_key()));
  if (!store_signed(fields)) return Error{Code::internal, trouble_};
  std::vector<PublicKey> trusted = chain_.keys().trusted;
  if (auto status = adopt_signing_key(store_.state_directory(), *fresh, trusted); !status) return status;
  chain_.sign_with(std::move(*fresh));
  end_segment("key_rotation");
  if (!store_.is_open()) return Error{Code::internal, trouble_};
  return begin_segment({"ended", store_.bytes()}, false);
}

}  // namespace kt::audit

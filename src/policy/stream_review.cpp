#include "kt/policy/stream_review.hpp"

#include <algorithm>

#include "kt/sse/writer.hpp"
#include "policy/stage_call.hpp"
#include "policy/stream_flow.hpp"

namespace kt::policy {
namespace {

constexpr std::size_t kMaxFlows = 1024;
constexpr std::size_t kMaxParts = 64;  // of one event: each may need an event of our own as long as it

class NoSink final : public Sink {
  void pass(std::string_view) override {}
  void replace(std::string_view, std::string_view) override {}
};

Decision garbage() { return {Decision::Kind::garbage, nullptr, Verdict::allow, false}; }

}  // namespace

StreamReview::StreamReview(ChainRun& run, std::size_t max_held_bytes) : run_(run), max_held_(max_held_bytes) {}

StreamReview::~StreamReview() = default;

std::unique_ptr<StreamReview> StreamReview::make(ChainRun& run, std::size_t max_held_bytes) {
  std::unique_ptr<StreamReview> review(new StreamReview(run, max_held_bytes));
  for (const Entry& entry : run.chain().entries) {
    PolicyReport& report = run.open_report(entry, Phase::stream);
    auto stage = entry.policy->start({Phase::stream, report.report, run.vault(entry)});
    if (stage) {
      review->workers_.push_back({&entry, &report, std::move(stage)});
      review->enforced_ |= entry.enforced;
    } else {
      run.drop_report();
    }
  }
  if (!run.vault_.empty()) review->restore_ = make_restore(run.vault_);
  return review->workers_.empty() && !review->restore_ ? nullptr : std::move(review);
}

Flow& StreamReview::flow_of(const llm::LaneText& lane) {
  const auto known =
      std::find_if(flows_.begin(), flows_.end(), [&](const auto& flow) { return flow->is(lane); });
  if (known != flows_.end()) return **known;
  flows_.push_back(std::make_unique<Flow>(lane, next_lane_++, workers_.size() + 1));
  return *flows_.back();
}

// Judged on the side: nothing is held, nothing changes.
void StreamReview::shadow(Worker& worker, const Flow& flow, std::string_view text, bool last) {
  NoSink nowhere;
  Report& report = worker.report->report;
  const auto verdict = call_stage(run_.chain(), report, [&] { return worker.stage->take(flow.lane, text, last, nowhere); });
  if (!verdict) {
    worker.off = true;
    run_.fails(*worker.report);
    return;
  }
  report.verdict = std::max(report.verdict, *verdict);
  worker.off = ends(*verdict);
}

// Puts `text` through one stage; afterwards it is what the stage has let go.
Decision StreamReview::through_stage(Worker& worker, Flow& flow, std::size_t index, bool last,
                                     std::string& text) {
  Slot& slot = flow.slots[index];
  Report& report = worker.report->report;
  held_ += text.size();
  slot.held += text.size();
  const bool keeps_copy = run_.chain().fail_mode == FailMode::allow;
  if (keeps_copy) slot.owed.append(text);
  if (worker.entry->policy->buffers()) {
    slot.waiting.append(text);
    text.clear();
    if (!last) return {};
    text.swap(slot.waiting);
  }
  stage_out_.clear();
  StreamSink sink(stage_out_, slot, flow.json);
  const auto verdict =
      call_stage(run_.chain(), report, [&] { return worker.stage->take(flow.lane, text, last, sink); });
  held_ -= sink.took;
  slot.held -= sink.took;
  if (keeps_copy) slot.owed.erase(0, sink.took);
  if (sink.replaced) {
    report.verdict = std::max(report.verdict, Verdict::redact);
    run_.note(*worker.entry, Verdict::redact);
  }
  text.swap(stage_out_);
  if (!verdict) {
    worker.off = true;
    if (run_.fails(*worker.report)) return {Decision::Kind::failed, worker.entry->policy.get(), Verdict::block, false};
    text.append(slot.owed);
    held_ -= slot.held;
    slot = {};
    return {};
  }
  if (!ends(*verdict)) return {};
  report.verdict = *verdict;
  run_.note(*worker.entry, *verdict);
  return {Decision::Kind::verdict, worker.entry->policy.get(), *verdict, false};
}

// The request's own values, back in the places of their markers: after all policies, read by none.
void StreamReview::restore(Flow& flow, bool last, std::string& text) {
  if (text.empty() && !last) return;
  Slot& slot = flow.slots.back();
  held_ += text.size();
  stage_out_.clear();
  StreamSink sink(stage_out_, slot, flow.json);
  restore_->take(flow.lane, text, last, sink);
  held_ -= sink.took;
  text.swap(stage_out_);
}

// A later policy that ends the stream decided on an earlier place of the text: it is the one that counts.
Decision StreamReview::through_chain(Flow& flow, std::string_view text, bool last, std::string& out) {
  Decision result;
  std::string& current = work_;
  current.assign(text);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    Worker& worker = workers_[i];
    if (worker.off || (current.empty() && !last)) continue;
    if (!worker.entry->policy->reads(Phase::stream, flow.lane.role)) continue;
    if (!worker.entry->enforced) {
      shadow(worker, flow, current, last);
      continue;
    }
    const Decision decision = through_stage(worker, flow, i, last, current);
    if (decision.passed()) continue;
    if (decision.kind == Decision::Kind::failed) return decision;
    result = decision;
    last = false;
  }
  if (restore_) restore(flow, last, current);
  out.append(current);
  released_ += current.size();
  if (result.kind == Decision::Kind::verdict) run_.released(result, released_);
  if (held_ > max_held_) return garbage();
  return result;
}

// One text of an event. What stands in its place goes to splices_, when that is something else.
Decision StreamReview::take_text(const llm::LaneText& lane, std::string_view data, bool last) {
  const std::string_view raw = lane.span.of(data);
  Flow* flow = nullptr;
  std::unique_ptr<Flow> once;
  if (lane.place == llm::Place::whole) {
    once = std::make_unique<Flow>(lane, next_lane_++, workers_.size() + 1);
    flow = once.get();
    last = true;
  } else {
    flow = &flow_of(lane);
    if (flow->ended) return garbage();  // a client may put it behind what has been judged as the end
    if (lane.place == llm::Place::part) keep_shape(*flow, lane, data);
  }
  given_.clear();
  passed_.clear();
  bool same = true;  // the text, as far as decoding goes
  if (flow->json) {
    same = flow->decoder.rest().empty();
    flow->decoder.take(lane.escaped ? json::unescape(raw) : std::string(raw), given_);
    same &= flow->decoder.rest().empty();
  } else if (lane.escaped) {
    given_ = json::unescape(raw);
  } else {
    given_.assign(raw);
  }
  const Decision decision = through_chain(*flow, given_, last, passed_);
  same &= passed_ == given_;
  std::string encoded;
  if (flow->json) {
    std::string text;
    flow->encoder.pass(passed_, text);
    if (last) text.append(flow->decoder.rest());
    json::escape(text, encoded);
  } else if (!same) {
    json::escape(passed_, encoded);
  }
  if (!same) splices_.push_back({lane.span, std::move(encoded)});
  return decision;
}

// Ends the open lanes of a choice, or of all.
Decision StreamReview::end_flows(const std::uint32_t* choice, std::string& out) {
  for (auto at = flows_.begin(); at != flows_.end();) {
    Flow& flow = **at;
    ++at;
    if (flow.ended || (choice != nullptr && flow.choice != *choice)) continue;
    flow.ended = true;
    passed_.clear();
    const Decision decision = through_chain(flow, {}, true, passed_);
    std::string encoded;
    if (flow.json) {
      std::string text;
      flow.encoder.pass(passed_, text);
      text.append(flow.decoder.rest());
      json::escape(text, encoded);
    } else {
      json::escape(passed_, encoded);
    }
    if (!encoded.empty()) own_event(flow, encoded, out);
    if (!decision.passed()) return decision;
  }
  return {};
}

// Whether the lane ends with this event. Its last text there is the end.
bool StreamReview::finishes(const llm::LaneText& lane) const {
  return std::find(lanes_.finished.begin(), lanes_.finished.end(), lane.choice) != lanes_.finished.end();
}

void StreamReview::mark_latest() {
  if (lanes_.finished.empty()) return;
  for (std::size_t i = 0; i < lanes_.texts.size() && flows_.size() <= kMaxFlows; ++i) {
    if (lanes_.texts[i].place != llm::Place::whole) flow_of(lanes_.texts[i]).latest = i;
  }
}

// The delta around the text, with no other text in it.
void StreamReview::keep_shape(Flow& flow, const llm::LaneText& lane, std::string_view data) const {
  flow.before.clear();
  flow.after.clear();
  std::size_t at = lane.around.begin;
  for (const llm::LaneText& other : lanes_.texts) {
    if (other.span.begin < lane.around.begin || other.span.begin >= lane.around.end) continue;
    (other.span.begin <= lane.span.begin ? flow.before : flow.after).append(data.substr(at, other.span.begin - at));
    at = other.span.end;
  }
  flow.after.append(data.substr(at, lane.around.end - at));
}

// The event around its choices, with no text in it: that has gone out, or must not.
void StreamReview::remember(std::string_view data) {
  head_.clear();
  tail_.clear();
  const auto copy = [&](std::size_t at, std::size_t end, std::string& out) {
    for (const llm::LaneText& lane : lanes_.texts) {
      if (lane.span.begin < at || lane.span.begin >= end) continue;
      out.append(data.substr(at, lane.span.begin - at));
      at = lane.span.end;
    }
    out.append(data.substr(at, end - at));
  };
  copy(0, lanes_.choices.begin, head_);
  copy(lanes_.choices.end, data.size(), tail_);
}

void StreamReview::own_event(const Flow& flow, std::string_view encoded, std::string& out) const {
  std::string data = head_ + "[";
  append_choice(flow, encoded, data);
  sse::append_event({}, data + "]" + tail_, out);
}

// The event in hand does not go out: of its first `texts` texts, what has passed does, in events of our own.
Decision StreamReview::stop(const Decision& decision, std::size_t texts, std::string_view data,
                            std::string& out) {
  if (lanes_.choices.empty()) return decision;
  remember(data);
  for (std::size_t i = 0; i < texts; ++i) {
    const llm::LaneText& lane = lanes_.texts[i];
    if (lane.place == llm::Place::whole) continue;
    const auto splice = std::find_if(splices_.begin(), splices_.end(),
                                     [&](const Splice& each) { return each.span == lane.span; });
    const std::string_view encoded = splice == splices_.end() ? lane.span.of(data) : splice->text;
    if (!encoded.empty()) own_event(flow_of(lane), encoded, out);
  }
  return decision;
}

void StreamReview::emit(std::string_view raw, std::string_view type, std::string_view data,
                        std::string& out) {
  if (splices_.empty()) {
    out.append(raw);
    return;
  }
  std::sort(splices_.begin(), splices_.end(),
            [](const Splice& a, const Splice& b) { return a.span.begin < b.span.begin; });
  std::string changed;
  std::size_t at = 0;
  for (const Splice& splice : splices_) {
    changed.append(data.substr(at, splice.span.begin - at)).append(splice.text);
    at = splice.span.end;
  }
  changed.append(data.substr(at));
  sse::append_event(type, changed, out);
}

Decision StreamReview::event(std::string_view raw, std::string_view type, std::string_view data,
                             std::string& out) {
  if (llm::find_event_lanes(data, lanes_)) return garbage();
  splices_.clear();
  mark_latest();
  std::size_t parts = 0;
  for (std::size_t i = 0; i < lanes_.texts.size(); ++i) {
    const llm::LaneText& lane = lanes_.texts[i];
    if (lane.place == llm::Place::part && ++parts > kMaxParts) return garbage();
    const bool last = lane.place == llm::Place::whole || (finishes(lane) && flow_of(lane).latest == i);
    const Decision decision = take_text(lane, data, last);
    if (decision.kind == Decision::Kind::verdict) return stop(decision, i + 1, data, out);
    if (!decision.passed()) return decision;
    if (flows_.size() > kMaxFlows) return garbage();
    if (last && lane.place != llm::Place::whole) flow_of(lane).ended = true;
  }
  for (const std::uint32_t choice : lanes_.finished) {
    const Decision decision = end_flows(&choice, out);
    if (!decision.passed()) return decision;
  }
  // They tell the text again, token by token, before it is decided.
  if (enforced_) {
    for (const json::Span span : lanes_.logprobs) splices_.push_back({span, "null"});
  }
  if (held_ > 0 && !lanes_.texts.empty() && !lanes_.choices.empty()) remember(data);
  emit(raw, type, data, out);
  return {};
}

Decision StreamReview::end(std::string& out) {
  const Decision decision = end_flows(nullptr, out);
  if (!decision.passed()) return decision;
  for (Worker& worker : workers_) {
    if (worker.off) continue;
    const auto verdict =
        call_stage(run_.chain(), worker.report->report, [&] { return worker.stage->finish(); });
    if (!verdict && run_.fails(*worker.report))
      return {Decision::Kind::failed, worker.entry->policy.get(), Verdict::block, false};
    if (!verdict || !ends(*verdict)) continue;
    worker.report->report.verdict = *verdict;
    run_.note(*worker.entry, *verdict);
    if (!worker.entry->enforced) continue;
    const Decision ended{Decision::Kind::verdict, worker.entry->policy.get(), *verdict, false};
    run_.released(ended, released_);
    return ended;
  }
  return {};
}

}  // namespace kt::policy

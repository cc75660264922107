#pragma once
// The chain over a stream, event by event. Text that no policy needs to hold leaves with the event it came in;
// what was held leaves in front of its choice's finish_reason.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kt/policy/chain.hpp"

namespace kt::policy {

struct Flow;

class StreamReview {
 public:
  // Null when no policy of the chain has anything to do with streams.
  static std::unique_ptr<StreamReview> make(ChainRun& run, std::size_t max_held_bytes);
  ~StreamReview();

  // One event of `type` (mostly empty). What may go out is appended to `out`: the event as it is (`raw`), or
  // made anew from `data` with its texts changed. A decision that did not pass: what could still go out is in
  // `out`, and nothing more comes.
  Decision event(std::string_view raw, std::string_view type, std::string_view data, std::string& out);

  // The stream's end: every lane that is still open ends.
  Decision end(std::string& out);

 private:
  struct Worker {
    const Entry* entry;
    PolicyReport* report;
    std::unique_ptr<Stage> stage;
    bool off = false;  // has failed, or has given its verdict without being enforced
  };
  struct Splice {
    json::Span span;
    std::string text;
  };

  StreamReview(ChainRun& run, std::size_t max_held_bytes);

  Flow& flow_of(const llm::LaneText& lane);
  Decision through_chain(Flow& flow, std::string_view text, bool last, std::string& out);
  Decision through_stage(Worker& worker, Flow& flow, std::size_t index, bool last, std::string& text);
  void restore(Flow& flow, bool last, std::string& text);
  void shadow(Worker& worker, const Flow& flow, std::string_view text, bool last);
  Decision take_text(const llm::LaneText& lane, std::string_view data, bool last);
  Decision stop(const Decision& decision, std::size_t texts, std::string_view data, std::string& out);
  Decision end_flows(const std::uint32_t* choice, std::string& out);
  void mark_latest();
  bool finishes(const llm::LaneText& lane) const;
  void keep_shape(Flow& flow, const llm::LaneText& lane, std::string_view data) const;
  void remember(std::string_view data);
  void own_event(const Flow& flow, std::string_view encoded, std::string& out) const;
  void emit(std::string_view raw, std::string_view type, std::string_view data, std::string& out);

  ChainRun& run_;
  const std::size_t max_held_;
  std::vector<Worker> workers_;
  bool enforced_ = false;  // some policy of them may change or end the stream
  std::unique_ptr<Stage> restore_;  // null: the request has no markers
  std::vector<std::unique_ptr<Flow>> flows_;
  llm::Lanes lanes_;
  std::vector<Splice> splices_;
  std::string work_, stage_out_, given_, passed_;  // reused
  std::uint32_t next_lane_ = 0;
  std::size_t held_ = 0;
  std::uint64_t released_ = 0;
  std::string head_, tail_;  // an event around its choices, for events of our own
};

}  // namespace kt::policy

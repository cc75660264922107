#include "kt/text/pair_scorer.hpp"

#include <cmath>
#include <cstring>

#include "text/ngrams.hpp"

namespace kt::text {
namespace {

constexpr std::string_view kMagic{"KTPAIR1\0", 8};
constexpr std::size_t kWindow = 64, kStep = 4;  // words

struct Header {
  char magic[8];
  std::uint32_t bits, lexicon_bytes, calibration_rows;
};

using Total = PairModel::Total;

Error malformed(std::string what) { return Error{.code = Code::internal, .message = std::move(what)}; }

float number(std::string_view bytes, std::size_t at) {
  float value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Evidence per root of its amount, as the weights were fitted.
void raise(PairModel::Scores& highest, const Total& from, const Total& to) {
  if (to.norm == from.norm) return;
  // Both are in halves: the norm's are quarters, their root is halves again.
  const float root = std::sqrt(static_cast<float>(to.norm - from.norm));
  for (std::size_t head = 0; head < highest.size(); ++head)
    highest[head] = std::max(highest[head], static_cast<float>(to.sums[head] - from.sums[head]) / root);
}

PairModel::Scores highest_window(const PairModel::Scratch& totals) {
  constexpr float kLowest = -1e9F;
  PairModel::Scores highest{kLowest, kLowest};
  const std::size_t words = totals.size() - 1;
  const std::size_t last = words > kWindow ? words - kWindow : 0;
  for (std::size_t from = 0; from < last; from += kStep) raise(highest, totals[from], totals[from + kWindow]);
  raise(highest, totals[last], totals[words]);
  return highest;
}

}  // namespace

Result<PairModel> PairModel::read(std::string_view bytes) {
  Header header;
  if (bytes.size() < sizeof header) return malformed("the model file is cut off");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::string_view(header.magic, 8) != kMagic) return malformed("not a model file of two heads");
  if (header.bits < 8 || header.bits > 19) return malformed("the model file's table size is out of range");
  const std::uint64_t head_bytes = 8 + std::uint64_t{header.calibration_rows} * 8;
  const std::uint64_t size =
      sizeof header + kHeads * head_bytes + header.lexicon_bytes + (kHeads << header.bits);
  if (size != bytes.size()) return malformed("the model file's sections do not add up to its size");

  PairModel model;
  model.bits_ = header.bits;
  std::size_t at = sizeof header;
  for (Head& head : model.heads_) {
    head.scale = number(bytes, at);
    head.bias = number(bytes, at + 4);
    at += 8;
    for (std::uint32_t i = 0; i < header.calibration_rows; ++i, at += 8)
      head.calibration.emplace_back(number(bytes, at), number(bytes, at + 4));
  }
  model.lexicon_ = Lexicon(bytes.substr(at, header.lexicon_bytes));
  model.weights_ = reinterpret_cast<const std::int8_t*>(bytes.data() + at + header.lexicon_bytes);
  return model;
}

PairModel::Scores PairModel::score(std::string_view folded, Scratch& totals) const {
  totals.assign(1, {});
  Total now;
  const unsigned shift = 64 - bits_;
  Ngrams(lexicon_).run(
      folded,
      [&](std::uint64_t hash, float value) {
        // Whole numbers add up without waiting for one another as fractions would.
        const auto halves = static_cast<std::int32_t>(2 * value);
        const std::int8_t* const pair = weights_ + kHeads * ((hash * 0x94d049bb133111ebU) >> shift);
        for (std::size_t head = 0; head < kHeads; ++head) now.sums[head] += halves * pair[head];
        now.norm += halves * halves;
      },
      [&](std::uint8_t) { totals.push_back(now); });
  if (totals.size() == 1) return {};
  totals.back() = now;  // marks after the last word are the last word's
  Scores scores = highest_window(totals);
  for (std::size_t head = 0; head < kHeads; ++head)
    scores[head] = heads_[head].calibrated(scores[head] * heads_[head].scale + heads_[head].bias);
  return scores;
}

float PairModel::Head::calibrated(float raw) const {
  if (calibration.empty()) return 0;
  if (!(raw > calibration.front().first)) return calibration.front().second;
  for (std::size_t i = 1; i < calibration.size(); ++i) {
    const auto& [low, from] = calibration[i - 1];
    const auto& [high, to] = calibration[i];
    if (raw <= high) return from + (to - from) * (raw - low) / (high - low);
  }
  return calibration.back().second;
}

}  // namespace kt::text

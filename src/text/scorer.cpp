#include "kt/text/scorer.hpp"

#include <cmath>
#include <cstring>

#include "text/ngrams.hpp"

namespace kt::text {
namespace {

constexpr std::string_view kMagic{"KTLIN1\0\0", 8};
constexpr float kFullNorm = 1500;
constexpr std::size_t kShort = 16, kLong = 64, kStep = 4;

struct Header {
  char magic[8];
  std::uint32_t version, bits;
  float scale, bias;
  std::uint32_t lexicon_bytes, calibration_rows, constant_rows;
};

struct ConstantRow {
  char name[28];  // padded with zeros
  float value;
};

Error malformed(std::string what) { return Error{.code = Code::internal, .message = std::move(what)}; }

// Evidence adds up over about as many words as the windows that models are trained on; beyond, it is a mean.
float normed(double sum, double norm) {
  if (norm <= 0) return 0;
  const auto total = static_cast<float>(sum), size = static_cast<float>(norm);
  return size <= kFullNorm ? total / std::sqrt(size) : total / size * std::sqrt(kFullNorm);
}

// The highest window of `size` words.
float best(const LinearModel::Scratch& totals, std::size_t size) {
  const std::size_t words = totals.sums.size() - 1;
  if (words <= size) return normed(totals.sums[words], totals.norms[words]);
  float highest = -1e9F;
  for (std::size_t begin = 0;; begin += kStep) {
    const std::size_t from = std::min(begin, words - size), to = from + size;
    highest =
        std::max(highest, normed(totals.sums[to] - totals.sums[from], totals.norms[to] - totals.norms[from]));
    if (to == words) return highest;
  }
}

}  // namespace

Result<LinearModel> LinearModel::read(std::string_view bytes) {
  Header header;
  if (bytes.size() < sizeof header) return malformed("the model file is cut off");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::string_view(header.magic, 8) != kMagic) return malformed("not a model file");
  if (header.bits < 8 || header.bits > 20) return malformed("the model file's table size is out of range");
  const std::uint64_t size =
      sizeof header + std::uint64_t{header.lexicon_bytes} + std::uint64_t{header.calibration_rows} * 8 +
      std::uint64_t{header.constant_rows} * sizeof(ConstantRow) + (1ULL << header.bits);
  if (size != bytes.size()) return malformed("the model file's sections do not add up to its size");

  LinearModel model;
  model.version_ = header.version;
  model.bits_ = header.bits;
  model.scale_ = header.scale;
  model.bias_ = header.bias;
  std::size_t at = sizeof header;
  model.lexicon_ = Lexicon(bytes.substr(at, header.lexicon_bytes));
  at += header.lexicon_bytes;
  for (std::uint32_t i = 0; i < header.calibration_rows; ++i, at += 8) {
    auto& row = model.calibration_.emplace_back();
    std::memcpy(&row.first, bytes.data() + at, 4);
    std::memcpy(&row.second, bytes.data() + at + 4, 4);
  }
  for (std::uint32_t i = 0; i < header.constant_rows; ++i, at += sizeof(ConstantRow)) {
    const char* name = bytes.data() + at;
    auto& row =
        model.constants_.emplace_back(std::string_view(name, strnlen(name, sizeof ConstantRow::name)), 0.0F);
    std::memcpy(&row.second, name + sizeof ConstantRow::name, 4);
  }
  model.weights_ = reinterpret_cast<const std::int8_t*>(bytes.data() + at);
  return model;
}

LinearScore LinearModel::score(std::string_view folded, Scratch& scratch) const {
  scratch.sums.assign(1, 0);
  scratch.norms.assign(1, 0);
  scratch.hits.clear();
  double sum = 0, norm = 0;
  const unsigned shift = 64 - bits_;
  Ngrams(lexicon_).run(
      folded,
      [&](std::uint64_t hash, float value) {
        sum += value * static_cast<float>(weights_[(hash * 0x94d049bb133111ebU) >> shift]);
        norm += value * value;
      },
      [&](std::uint8_t word_class) {
        if (word_class != 0)
          scratch.hits.push_back({static_cast<std::uint32_t>(scratch.sums.size() - 1), word_class});
        scratch.sums.push_back(sum);
        scratch.norms.push_back(norm);
      });
  // Marks after the last word are the last word's.
  scratch.sums.back() = scratch.sums.size() > 1 ? sum : 0;
  scratch.norms.back() = scratch.norms.size() > 1 ? norm : 0;
  const auto raw = [&](float value) { return value * scale_ + bias_; };
  return {raw(best(scratch, kShort)), raw(best(scratch, kLong)),
          raw(normed(scratch.sums.back(), scratch.norms.back())),
          static_cast<std::uint32_t>(scratch.sums.size() - 1)};
}

float LinearModel::calibrated(float raw) const {
  if (calibration_.empty()) return 1 / (1 + std::exp(-raw));
  if (!(raw > calibration_.front().first)) return calibration_.front().second;
  for (std::size_t i = 1; i < calibration_.size(); ++i) {
    const auto& [low, from] = calibration_[i - 1];
    const auto& [high, to] = calibration_[i];
    if (raw <= high) return from + (to - from) * (raw - low) / (high - low);
  }
  return calibration_.back().second;
}

float LinearModel::constant(std::string_view name) const {
  for (const auto& [known, value] : constants_) {
    if (known == name) return value;
  }
  return 0;
}

}  // namespace kt::text

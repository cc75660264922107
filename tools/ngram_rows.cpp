// The features of texts as the linear scorer sees them, for tools/train/.
//   ngram_rows LEXICON BITS < texts.jsonl > rows
// Input: one JSON object with "text" a line. Output: for each window of at most 64 words u32 line, u32 n, f32
// norm (sum of squared values), then n times u32 bucket, f32 value (summed per bucket); windows begin every
// 32 words, at most 12 of a text, spread evenly.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "kt/text/fold.hpp"
#include "text/ngrams.hpp"

namespace {

using Feature = std::pair<std::uint32_t, float>;

void write_row(std::uint32_t line, std::vector<Feature> features) {
  float norm = 0;
  for (const Feature& each : features) norm += each.second * each.second;
  std::sort(features.begin(), features.end());
  std::vector<Feature> merged;
  for (const Feature& each : features) {
    if (!merged.empty() && merged.back().first == each.first) {
      merged.back().second += each.second;
    } else {
      merged.push_back(each);
    }
  }
  const std::uint32_t head[2] = {line, static_cast<std::uint32_t>(merged.size())};
  std::fwrite(head, sizeof head, 1, stdout);
  std::fwrite(&norm, sizeof norm, 1, stdout);
  std::fwrite(merged.data(), sizeof(Feature), merged.size(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::ifstream file(argv[1]);
  const std::string lines{std::istreambuf_iterator<char>(file), {}};
  const kt::text::Lexicon lexicon(lines);
  const unsigned shift = 64 - static_cast<unsigned>(std::stoul(argv[2]));
  std::string input;
  kt::text::Folded folded;
  for (std::uint32_t line = 0; std::getline(std::cin, input); ++line) {
    kt::text::fold(nlohmann::json::parse(input).at("text").get_ref<const std::string&>(), {}, folded);
    std::vector<Feature> features;
    std::vector<std::size_t> ends{0};
    kt::text::Ngrams(lexicon).run(
        folded.text,
        [&](std::uint64_t hash, float value) {
          features.emplace_back(static_cast<std::uint32_t>((hash * 0x94d049bb133111ebU) >> shift), value);
        },
        [&](std::uint8_t) { ends.push_back(features.size()); });
    ends.back() = features.size();
    const std::size_t words = ends.size() - 1, windows = words <= 64 ? 1 : (words - 64 + 31) / 32 + 1;
    const std::size_t count = std::min<std::size_t>(windows, 12);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t from = words <= 64 ? 0 : i * (words - 64) / std::max<std::size_t>(1, count - 1);
      write_row(line, {features.begin() + static_cast<std::ptrdiff_t>(ends[from]),
                       features.begin() + static_cast<std::ptrdiff_t>(ends[std::min(words, from + 64)])});
    }
  }
  return 0;
}

// The fuzz target's corpus, as an ordinary test.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#define LLVMFuzzerTestOneInput fold_fuzz_one
#include "fuzz/fold_fuzz.cpp"
#undef LLVMFuzzerTestOneInput

namespace {

TEST(FoldCorpus, EveryInputHolds) {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(KT_SOURCE_DIR "/tests/fuzz/corpus/fold")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
      EXPECT_EQ(fold_fuzz_one(reinterpret_cast<const std::uint8_t*>(bytes.data()), cut), 0);
    }
    ++inputs;
  }
  EXPECT_GE(inputs, 3u);
}

}  // namespace

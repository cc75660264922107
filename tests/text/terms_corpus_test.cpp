// The fuzz target's corpus as an ordinary test.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/terms_fuzz.cpp"  // NOLINT(bugprone-suspicious-include)

namespace {

TEST(TermsCorpus, EveryFileIsTheSameInPieces) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(KT_SOURCE_DIR "/tests/fuzz/corpus/terms")) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    for (int step = 0; step < 16; ++step) {
      bytes[0] = static_cast<char>(step);
      EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    }
    ++files;
  }
  EXPECT_GE(files, 6);
}

}  // namespace

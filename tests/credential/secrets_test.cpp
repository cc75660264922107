#include "kt/credential/secrets.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kt::credential {
namespace {

using Kind = config::SecretRef::Kind;

class Secrets : public testing::Test {
 protected:
  Secrets() { std::filesystem::create_directory(folder_); }
  ~Secrets() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string folder_ = std::filesystem::temp_directory_path() / ("kt-secrets-" + std::to_string(::getpid()));
  SystemSecrets secrets_{folder_};
};

TEST_F(Secrets, AnEnvironmentVariableIsReadAnew) {
  ::setenv("KT_UNIT_SECRET", "one", 1);
  EXPECT_EQ(secrets_.read({Kind::env, "KT_UNIT_SECRET"})->reveal(), "one");
  ::setenv("KT_UNIT_SECRET", "two", 1);
  EXPECT_EQ(secrets_.read({Kind::env, "KT_UNIT_SECRET"})->reveal(), "two");
  ::unsetenv("KT_UNIT_SECRET");
  EXPECT_FALSE(secrets_.read({Kind::env, "KT_UNIT_SECRET"}));
  ::setenv("KT_UNIT_SECRET", "", 1);
  EXPECT_FALSE(secrets_.read({Kind::env, "KT_UNIT_SECRET"}));
}

TEST_F(Secrets, AFileLosesItsLineEndAndCountsAtOnceWhenItChanges) {
  write("a", "first\r\n");
  const std::string path = folder_ + "/a";
  EXPECT_EQ(secrets_.read({Kind::file, path})->reveal(), "first");
  write("a", "second, longer\n");
  EXPECT_EQ(secrets_.read({Kind::file, path})->reveal(), "second, longer");
  std::filesystem::remove(path);
  EXPECT_FALSE(secrets_.read({Kind::file, path}));
}

TEST_F(Secrets, AStoreNameIsAFileInTheSecretsFolderAndNothingElse) {
  write("azure", "stored");
  EXPECT_EQ(secrets_.read({Kind::store, "azure"})->reveal(), "stored");
  for (const char* name : {"../azure", "", ".", "..", "/etc/passwd", "a/b"})
    EXPECT_FALSE(secrets_.read({Kind::store, name})) << name;
}

TEST_F(Secrets, AnErrorNamesThePlaceAndNeverAValue) {
  const auto missing = secrets_.read({Kind::env, "KT_UNIT_MISSING"});
  EXPECT_NE(missing.error().detail.find("KT_UNIT_MISSING"), std::string::npos);
  EXPECT_EQ(missing.error().code, Code::upstream_credential);
}

}  // namespace
}  // namespace kt::credential

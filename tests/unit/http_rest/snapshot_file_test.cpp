#include "server/http/rest/snapshot_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

class SnapshotFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "dvecdb_snap_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The bytes of a file of several blocks.
  std::string write() {
    SnapshotWriter writer(folder_ + "/a", {{"collection", "c"}});
    for (int i = 0; i < 3000; ++i) writer.add(std::string(1000, static_cast<char>('a' + i % 26)));
    writer.finish();
    std::string bytes(std::filesystem::file_size(folder_ + "/a"), '\0');
    read_from(open_file(folder_ + "/a", "rb"))(bytes.data(), bytes.size());
    return bytes;
  }

  static std::size_t read(std::string_view bytes) {
    SnapshotReader reader(read_from(bytes));
    std::size_t total = 0;
    while (true) {
      const std::string block = reader.next();
      if (block.empty()) return total;
      total += block.size();
    }
  }

  std::string folder_;
};

TEST_F(SnapshotFileTest, IsReadBack) {
  const std::string bytes = write();
  EXPECT_EQ(read(bytes), 3000u * 1000u);
  EXPECT_EQ(SnapshotReader(read_from(bytes)).header().at("collection"), "c");
}

TEST_F(SnapshotFileTest, ThatIsCutShortIsRefused) {
  const std::string bytes = write();
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 7) {
    EXPECT_THROW(read(std::string_view(bytes).substr(0, size)), Failure) << size;
  }
}

TEST_F(SnapshotFileTest, ThatIsChangedIsRefused) {
  const std::string bytes = write();
  for (std::size_t at = 0; at < bytes.size(); at += 1 + at / 7) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_THROW(read(changed), Failure) << at;
  }
}

TEST_F(SnapshotFileTest, ThatIsNotFinishedLeavesNothing) {
  {
    SnapshotWriter writer(folder_ + "/b", {});
    writer.add("x");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace

}  // namespace dvecdb::server::http::rest

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/index_file/crc32c.h"
#include "dvecdb/hnsw.h"
#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {
namespace {

class IndexFile : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("dvecdb_index_file_" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const char* name) const { return (directory_ / name).string(); }

  static HnswIndex small_index(const GeneratedData& data, Metric metric) {
    HnswOptions options;
    options.dims = data.dims;
    options.metric = metric;
    options.m = 6;
    options.ef_construction = 40;
    HnswIndex index(options);
    for (std::size_t i = 0; i < data.count; ++i) index.insert(i, data.row(i));
    for (std::size_t i = 0; i < 20; ++i) index.insert(10'000 + i, data.row(3));
    for (std::size_t i = 0; i < data.count; i += 3) index.remove(i);
    return index;
  }

  static void expect_equal(const HnswIndex& a, const HnswIndex& b, const GeneratedData& data) {
    EXPECT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < data.count; i += 7) {
      EXPECT_EQ(a.search(data.row(i), 15, 30), b.search(data.row(i), 15, 30));
    }
  }

  std::filesystem::path directory_;
};

std::vector<char> read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_all(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

TEST_F(IndexFile, ComesBackAsItWas) {
  const GeneratedData data(500, 20);
  for (Metric metric : {Metric::l2_squared, Metric::cosine, Metric::inner_product, Metric::l1}) {
    HnswIndex index = small_index(data, metric);
    index.save(path("a"), {1234567890123, "who, what"});
    HnswFileInfo info;
    HnswIndex loaded = HnswIndex::load(path("a"), &info);
    EXPECT_EQ(info.watermark, 1234567890123u);
    EXPECT_EQ(info.metadata, "who, what");
    EXPECT_EQ(loaded.options().metric, metric);
    expect_equal(index, loaded, data);

    // and goes on living
    for (std::size_t i = 0; i < data.count; i += 3) EXPECT_TRUE(loaded.insert(i, data.row(i)));
    for (std::size_t i = 1; i < data.count; i += 3) EXPECT_TRUE(loaded.remove(i));
    loaded.compact();
    EXPECT_EQ(loaded.stats().deleted, 0u);
    loaded.save(path("a"));
    expect_equal(loaded, HnswIndex::load(path("a")), data);
  }
}

TEST_F(IndexFile, EmptyIndex) {
  HnswOptions options;
  options.dims = 5;
  HnswIndex(options).save(path("empty"));
  HnswIndex loaded = HnswIndex::load(path("empty"));
  EXPECT_EQ(loaded.size(), 0u);
  const float row[5] = {};
  EXPECT_TRUE(loaded.insert(1, row));
}

TEST_F(IndexFile, SavingReplacesWholeOrNotAtAll) {
  const GeneratedData data(100, 8);
  const HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"));
  EXPECT_FALSE(std::filesystem::exists(path("a") + ".new"));
  EXPECT_THROW(index.save(path("no/such/folder")), FileError);
  EXPECT_THROW(HnswIndex::load(path("none")), FileError);
}

TEST_F(IndexFile, DamageIsRefusedOrWithoutEffect) {
  const GeneratedData data(200, 12);
  const HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"), {7, "note"});
  const std::vector<char> whole = read_all(path("a"));
  std::mt19937 random(9);
  std::size_t refused = 0;
  constexpr std::size_t kRounds = 600;
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::vector<char> bytes = whole;
    // the header page half of the time: most of the fields are there
    const std::size_t at = random() % (round % 2 == 0 ? bytes.size() : 4096);
    bytes[at] = static_cast<char>(bytes[at] ^ (1 + random() % 255));
    write_all(path("b"), bytes);
    try {
      expect_equal(index, HnswIndex::load(path("b")), data);
    } catch (const CorruptFile& error) {
      ++refused;
      EXPECT_NE(std::strstr(error.what(), "section"), nullptr) << error.what();
    }
  }
  EXPECT_GT(refused, kRounds / 2);
}

TEST_F(IndexFile, CutShortIsRefused) {
  const GeneratedData data(200, 12);
  small_index(data, Metric::l2_squared).save(path("a"));
  const std::vector<char> whole = read_all(path("a"));
  for (std::size_t length = 0; length < whole.size(); length += 997) {
    write_all(path("b"), {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    EXPECT_THROW(HnswIndex::load(path("b")), CorruptFile) << length;
  }
  std::vector<char> longer = whole;
  longer.push_back(0);
  write_all(path("b"), longer);
  EXPECT_THROW(HnswIndex::load(path("b")), CorruptFile);
}

TEST(Crc32c, KnownValuesByBothWays) {
  EXPECT_EQ(crc32c("123456789", 9), 0xe3069283u);
  EXPECT_EQ(crc32c_by_table("123456789", 9), 0xe3069283u);
  const std::vector<char> zeros(32);
  EXPECT_EQ(crc32c(zeros.data(), zeros.size()), 0x8a9136aau);
  std::vector<std::uint8_t> bytes(1000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::uint32_t begun = crc32c(bytes.data(), length / 3);
    EXPECT_EQ(crc32c(bytes.data() + length / 3, length - length / 3, begun),
              crc32c_by_table(bytes.data(), length));
  }
}

}  // namespace
}  // namespace dvecdb::core

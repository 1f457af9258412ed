#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "core/index_file/crc32c.h"
#include "tests/unit/core/index_file_fixture.h"
#include "tests/unit/core/reseal.h"

namespace dvecdb::core {
namespace {

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

TEST_F(IndexFile, SavedInTheMiddleOfASweep) {
  // So many removals that the graph is half repaired around them.
  const GeneratedData data(200, 12);
  for (std::size_t removed = 64; removed < 90; ++removed) {
    HnswIndex index = small_index(data, Metric::l2_squared, 0);
    for (std::size_t i = 0; i < removed; ++i) index.remove(i * 2);
    index.save(path("a"));
    HnswIndex loaded = HnswIndex::load(path("a"));
    expect_equal(index, loaded, data);
    loaded.compact();
    EXPECT_EQ(loaded.stats().deleted, 0u);
  }
}

TEST_F(IndexFile, DamageIsRefusedOrFoundByVerify) {
  const GeneratedData data(200, 12);
  const HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"), {7, "note"});
  HnswIndex::verify(path("a"));
  const std::vector<char> whole = read_all(path("a"));
  std::mt19937 random(9);
  std::size_t refused = 0;
  constexpr std::size_t kRounds = 300;
  for (std::size_t round = 0; round < kRounds; ++round) {
    std::vector<char> bytes = whole;
    // the header page half of the time: most of the fields are there
    const std::size_t at = random() % (round % 2 == 0 ? bytes.size() : 4096);
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + random() % 255));
    write_all(path("b"), bytes);
    try {
      HnswIndex loaded = HnswIndex::load(path("b"));
      use(loaded, data);
      HnswIndex::verify(path("b"));
      expect_equal(index, HnswIndex::load(path("b")), data);
    } catch (const CorruptFile& error) {
      ++refused;
      EXPECT_NE(std::strstr(error.what(), "section"), nullptr) << error.what();
    }
  }
  EXPECT_GT(refused, kRounds / 2);
}

TEST_F(IndexFile, HostileContentIsRefusedOrUsable) {
  const GeneratedData data(150, 12);
  small_index(data, Metric::l2_squared).save(path("a"));
  const std::vector<char> whole = read_all(path("a"));
  std::mt19937 random(5);
  for (std::size_t round = 0; round < 400; ++round) {
    std::vector<char> bytes = whole;
    for (std::size_t changes = 1 + random() % 8; changes > 0; --changes) {
      static constexpr const char* kSections[] = {"parameters", "nodes", "upper links", "records",
                                                  "vectors"};
      const SectionEntry section = section_of(whole, kSections[random() % 5]);
      const std::size_t at = section.offset + random() % (section.bytes / 4) * 4;
      // small numbers may be slots, others are beyond all bounds
      const auto value = static_cast<std::uint32_t>(random() % 2 == 0 ? random() % 200 : random());
      std::memcpy(&bytes[at], &value, sizeof value);
    }
    reseal(bytes);
    write_all(path("b"), bytes);
    try {
      HnswIndex loaded = HnswIndex::load(path("b"));
      if (loaded.options().dims == data.dims) use(loaded, data);
    } catch (const CorruptFile&) {
    }
  }
}

TEST_F(IndexFile, ChainsThatLoopAreRefused) {
  const GeneratedData data(50, 12);
  small_index(data, Metric::l2_squared, 0).save(path("a"));
  std::vector<char> bytes = read_all(path("a"));
  // 20 equal vectors in slots 50 to 69, in the chain of slot 3: 3, 69, 68, ... 50
  const SectionEntry nodes = section_of(bytes, "nodes");
  const auto next_of = [&](std::size_t slot) { return &bytes[nodes.offset + 32 * slot + 16]; };
  std::uint32_t next;
  std::memcpy(&next, next_of(3), sizeof next);
  ASSERT_EQ(next, 69u);
  next = 60;
  std::memcpy(next_of(50), &next, sizeof next);
  reseal(bytes);
  write_all(path("b"), bytes);
  EXPECT_THROW(HnswIndex::load(path("b")), CorruptFile);
}

TEST_F(IndexFile, OtherVersionsAreNamed) {
  const GeneratedData data(50, 12);
  small_index(data, Metric::l2_squared).save(path("a"));
  std::vector<char> bytes = read_all(path("a"));
  bytes[8] = 1;
  reseal(bytes);
  write_all(path("b"), bytes);
  try {
    HnswIndex::load(path("b"));
    FAIL();
  } catch (const CorruptFile& error) {
    EXPECT_NE(std::strstr(error.what(), "version 1"), nullptr) << error.what();
    EXPECT_NE(std::strstr(error.what(), "rebuild"), nullptr) << error.what();
  }
}

TEST_F(IndexFile, LivesOnWithoutItsName) {
  const GeneratedData data(500, 20);
  const HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"));
  const HnswIndex removed = HnswIndex::load(path("a"));
  std::filesystem::remove(path("a"));
  index.save(path("a"));
  const HnswIndex replaced = HnswIndex::load(path("a"));
  small_index(data, Metric::cosine).save(path("a"));
  expect_equal(index, removed, data);
  expect_equal(index, replaced, data);
}

TEST_F(IndexFile, ChangesStayOutOfTheFile) {
  const GeneratedData data(500, 20);
  const HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"));
  const std::vector<char> before = read_all(path("a"));
  HnswIndex loaded = HnswIndex::load(path("a"));
  use(loaded, data);
  EXPECT_EQ(read_all(path("a")), before);
}

TEST_F(IndexFile, GivesTheFileUpOnceWarm) {
  const GeneratedData data(500, 20);
  small_index(data, Metric::l2_squared).save(path("a"));
  HnswIndex index = HnswIndex::load(path("a"));
  const auto is_mapped = [&] {
    const std::vector<char> maps = read_all("/proc/self/maps");
    return std::string(maps.begin(), maps.end()).find(path("a")) != std::string::npos;
  };
  EXPECT_TRUE(is_mapped());
  index.warm();
  EXPECT_FALSE(is_mapped());
  use(index, data);
}

TEST_F(IndexFile, WarmsWhileItIsUsed) {
  const GeneratedData data(3000, 128);
  HnswOptions options;
  options.dims = data.dims;
  options.m = 8;
  options.ef_construction = 20;
  HnswIndex index(options);
  for (std::size_t i = 0; i < 2000; ++i) index.insert(i, data.row(i));
  index.save(path("a"));
  HnswIndex loaded = HnswIndex::load(path("a"));
  std::thread inserts([&] {
    for (std::size_t i = 2000; i < data.count; ++i) loaded.insert(i, data.row(i));
  });
  std::size_t found = 0;
  std::thread searches([&] {
    for (std::size_t i = 0; i < 1000; ++i) {
      found += loaded.search(data.row(i), 1, 60).at(0).distance == 0;
    }
  });
  loaded.warm();
  inserts.join();
  searches.join();
  EXPECT_GT(found, 900u);
  loaded.warm();
  for (std::size_t i = 0; i < data.count; ++i) {
    std::vector<float> row(data.dims);
    ASSERT_TRUE(loaded.vector(i, row.data()));
    EXPECT_EQ(std::memcmp(row.data(), data.row(i), data.dims * sizeof(float)), 0);
  }
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
  EXPECT_NO_THROW(HnswIndex::load(path("b")));  // an append that was cut short
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

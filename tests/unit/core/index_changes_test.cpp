#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "tests/unit/core/index_file_fixture.h"
#include "tests/unit/core/reseal.h"

namespace dvecdb::core {
namespace {

/// Changes appended to an index file.
class IndexChanges : public IndexFile {
 protected:
  /// A round of changes of all kinds.
  static void change(HnswIndex& index, const GeneratedData& data, std::size_t round) {
    const std::size_t n = data.count;
    for (std::size_t i = 0; i < 6; ++i) index.insert(1000 * (round + 1) + i, data.row(i % n));
    for (std::size_t i = 0; i < 10; ++i) index.remove((round * 37 + i * 7) % n);
    for (std::size_t i = 0; i < 5; ++i) index.upsert((round * 11 + i) % n, data.row(i + 1));
    if (round % 4 == 3) index.compact();
  }

  /// Whether an index is the same to the last link as one that came from a file.
  void expect_same_content(const HnswIndex& index, const HnswIndex& loaded) {
    index.save(path("content_a"));
    HnswIndex::load(path("content_a")).save(path("content_a"));
    loaded.save(path("content_b"));
    const std::vector<char> bytes_a = read_all(path("content_a"));
    const std::vector<char> bytes_b = read_all(path("content_b"));
    for (const char* name : {"parameters", "learned", "records", "vectors", "nodes"}) {
      const SectionEntry in_a = section_of(bytes_a, name);
      const SectionEntry in_b = section_of(bytes_b, name);
      ASSERT_EQ(in_a.bytes, in_b.bytes) << name;
      EXPECT_EQ(std::memcmp(&bytes_a[in_a.offset], &bytes_b[in_b.offset], in_a.bytes), 0) << name;
    }
  }
};

TEST_F(IndexChanges, ComeBack) {
  const GeneratedData data(800, 20);
  for (Metric metric : {Metric::l2_squared, Metric::cosine}) {
    HnswIndex index = small_index(data, metric);
    index.save(path("a"), {1, "whole"});
    std::size_t appended = 0;
    for (std::size_t round = 0; round < 6; ++round) {
      change(index, data, round);
      if (!index.append_changes(path("a"), {2 + round, "part " + std::to_string(round)})) {
        index.save(path("a"));
        break;
      }
      ++appended;
      HnswFileInfo info;
      HnswIndex loaded = HnswIndex::load(path("a"), &info);
      EXPECT_EQ(info.watermark, 2 + round);
      EXPECT_EQ(info.metadata, "whole");
      ASSERT_EQ(info.changes.size(), appended);
      EXPECT_EQ(info.changes.back(), "part " + std::to_string(round));
      expect_equal(index, loaded, data);
      HnswIndex::verify(path("a"));
    }
    EXPECT_GE(appended, 2u);
    expect_same_content(index, HnswIndex::load(path("a")));
  }
}

TEST_F(IndexChanges, LoadChangeAppendCycles) {
  const GeneratedData data(900, 24);
  HnswIndex reference = small_index(data, Metric::l2_squared);
  reference.save(path("a"));
  std::size_t appended = 0;
  for (std::size_t round = 0; round < 12; ++round) {
    const bool on_disk = round % 3 == 2;
    HnswIndex index =
        HnswIndex::load(path("a"), nullptr, on_disk ? directory_.string() : std::string());
    if (round % 2 == 0) index.warm();
    change(index, data, round);
    const bool is_appended = index.append_changes(path("a"));
    appended += is_appended;
    if (!is_appended) index.save(path("a"));
    const HnswIndex again = HnswIndex::load(path("a"));
    expect_equal(index, again, data);
    expect_same_content(index, again);
  }
  EXPECT_GE(appended, 6u);
}

TEST_F(IndexChanges, CostWhatChanged) {
  const GeneratedData data(2000, 32);
  HnswIndex index = small_index(data, Metric::l2_squared, 0);
  index.save(path("a"));
  const auto whole_bytes = std::filesystem::file_size(path("a"));
  index.insert(5000, data.row(0));
  ASSERT_TRUE(index.append_changes(path("a")));
  EXPECT_LT(std::filesystem::file_size(path("a")) - whole_bytes, 8192u);
  ASSERT_TRUE(index.append_changes(path("a")));  // nothing but a watermark
  EXPECT_LT(std::filesystem::file_size(path("a")) - whole_bytes, 16384u);
}

TEST_F(IndexChanges, CarryTheRecallCurve) {
  const GeneratedData data(1500, 16);
  HnswIndex index = small_index(data, Metric::l2_squared, 0);
  index.save(path("a"));
  index.calibrate();
  const EfChoice choice = index.ef_for(0.95, 10);
  ASSERT_TRUE(choice.is_measured);
  const std::size_t begin = std::filesystem::file_size(path("a"));
  ASSERT_TRUE(index.append_changes(path("a")));
  EXPECT_EQ(HnswIndex::load(path("a")).ef_for(0.95, 10), choice);

  // parts without one leave what was there: as older releases wrote them
  std::vector<char> bytes = read_all(path("a"));
  constexpr std::size_t kEmptyPart = 72 + 16;
  bytes.resize(begin + 40 + kEmptyPart);
  std::memcpy(&bytes[begin + 24], &kEmptyPart, sizeof kEmptyPart);
  reseal_changes(bytes, begin);
  write_all(path("b"), bytes);
  HnswFileInfo info;
  EXPECT_FALSE(HnswIndex::load(path("b"), &info).ef_for(0.95, 10).is_measured);
  EXPECT_EQ(info.changes.size(), 1U);
  bytes.resize(bytes.size() + 3);  // no whole number
  const std::size_t odd_part = kEmptyPart + 3;
  std::memcpy(&bytes[begin + 24], &odd_part, sizeof odd_part);
  reseal_changes(bytes, begin);
  write_all(path("b"), bytes);
  EXPECT_THROW(HnswIndex::load(path("b")), CorruptFile);
}

TEST_F(IndexChanges, RefusedWhereTheyDoNotFit) {
  const GeneratedData data(600, 20);
  HnswIndex index = small_index(data, Metric::l2_squared);
  EXPECT_FALSE(index.append_changes(path("a"))) << "never saved";
  index.save(path("a"));
  EXPECT_FALSE(index.append_changes(path("b"))) << "another place";
  small_index(data, Metric::l2_squared).save(path("a"));
  EXPECT_FALSE(index.append_changes(path("a"))) << "another file in this place";
  index.save(path("a"));
  HnswIndex second = HnswIndex::load(path("a"));
  EXPECT_TRUE(second.append_changes(path("a")));
  EXPECT_FALSE(index.append_changes(path("a"))) << "changes of another index";
  index.save(path("a"));
  std::filesystem::remove(path("a"));
  EXPECT_FALSE(index.append_changes(path("a"))) << "no file in this place";
  index.save(path("a"));
  for (std::size_t i = 0; i < data.count; ++i) index.insert(1000 + i, data.row(i));
  EXPECT_FALSE(index.append_changes(path("a"))) << "too many changes";
  expect_equal(small_index(data, Metric::l2_squared), HnswIndex::load(path("a")), data);
}

TEST_F(IndexChanges, CutShortAtEveryByte) {
  const GeneratedData data(300, 12);
  HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"), {1, ""});
  const std::size_t whole = std::filesystem::file_size(path("a"));
  for (std::size_t i = 0; i < 3; ++i) index.insert(5000 + i, data.row(i));
  ASSERT_TRUE(index.append_changes(path("a"), {2, "first"}));
  const std::size_t with_first = std::filesystem::file_size(path("a"));
  for (std::size_t i = 0; i < 3; ++i) index.insert(6000 + i, data.row(i));
  ASSERT_TRUE(index.append_changes(path("a"), {3, "second"}));
  const std::vector<char> all = read_all(path("a"));
  std::vector<std::size_t> lengths;
  const std::size_t second = next_page(with_first);
  for (std::size_t i = 0; i < 41; ++i) {  // every byte of headers and what follows, some others
    lengths.insert(lengths.end(), {whole + i, second + i});
    lengths.push_back(whole + (with_first - whole) * i / 41);
    lengths.push_back(second + (all.size() - second) * i / 41);
  }
  lengths.insert(lengths.end(), {with_first - 1, with_first, with_first + 1, all.size() - 1});
  for (const std::size_t length : lengths) {
    if (length > all.size()) continue;
    write_all(path("b"), {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(length)});
    HnswFileInfo info;
    HnswIndex loaded = HnswIndex::load(path("b"), &info);
    const std::uint64_t expected = length < with_first ? 1 : length < all.size() ? 2 : 3;
    EXPECT_EQ(info.watermark, expected) << length;
    EXPECT_EQ(loaded.size(), index.size() - 3 * (3 - expected)) << length;
    // and what was cut short is in nobody's way
    loaded.insert(7000, data.row(9));
    ASSERT_TRUE(loaded.append_changes(path("b"), {9, ""}));
    const HnswIndex again = HnswIndex::load(path("b"), &info);
    EXPECT_EQ(info.watermark, 9u) << length;
    EXPECT_EQ(again.size(), loaded.size());
  }
}

TEST_F(IndexChanges, DamageEndsThem) {
  const GeneratedData data(300, 12);
  HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"), {1, ""});
  const std::size_t whole = std::filesystem::file_size(path("a"));
  index.insert(5000, data.row(0));
  ASSERT_TRUE(index.append_changes(path("a"), {2, ""}));
  const std::size_t with_first = std::filesystem::file_size(path("a"));
  index.insert(5001, data.row(1));
  ASSERT_TRUE(index.append_changes(path("a"), {3, ""}));
  const std::vector<char> all = read_all(path("a"));
  for (std::size_t at = whole; at < all.size(); at += 13) {
    if (at >= with_first && at < next_page(with_first)) continue;  // between them
    std::vector<char> bytes = all;
    bytes[at] = static_cast<char>(bytes[at] ^ 16);
    write_all(path("b"), bytes);
    HnswFileInfo info;
    HnswIndex::load(path("b"), &info);
    EXPECT_EQ(info.watermark, at < with_first ? 1u : 2u) << at;
  }
}

TEST_F(IndexChanges, HostileOnesAreRefusedOrUsable) {
  const GeneratedData data(200, 12);
  HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"));
  const std::size_t begin = std::filesystem::file_size(path("a"));
  change(index, data, 0);
  ASSERT_TRUE(index.append_changes(path("a"), {1, "note"}));
  const std::vector<char> whole = read_all(path("a"));
  std::mt19937 random(3);
  std::size_t refused = 0;
  for (std::size_t round = 0; round < 400; ++round) {
    std::vector<char> bytes = whole;
    for (std::size_t changes = 1 + random() % 3; changes > 0; --changes) {
      // half of the time in the parameters and counts, which come first
      const std::size_t range = random() % 2 == 0 ? 100 : bytes.size() - begin - 44;
      const std::size_t at = begin + 40 + random() % (range / 4) * 4;
      const auto value = static_cast<std::uint32_t>(random() % 2 == 0 ? random() % 300 : random());
      std::memcpy(&bytes[at], &value, sizeof value);
    }
    reseal_changes(bytes, begin);
    write_all(path("b"), bytes);
    try {
      HnswIndex loaded = HnswIndex::load(path("b"));
      use(loaded, data);
    } catch (const CorruptFile&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 50u);
}

TEST_F(IndexChanges, PartsOfAnotherFileDoNotCount) {
  const GeneratedData data(300, 12);
  HnswIndex index = small_index(data, Metric::l2_squared);
  index.save(path("a"), {1, ""});
  index.save(path("b"), {1, ""});
  index.insert(5000, data.row(0));
  ASSERT_TRUE(index.append_changes(path("b"), {2, ""}));
  const std::vector<char> a = read_all(path("a"));
  std::vector<char> mixed = read_all(path("b"));
  std::copy(a.begin(), a.end(), mixed.begin());
  write_all(path("c"), mixed);
  HnswFileInfo info;
  HnswIndex::load(path("c"), &info);
  EXPECT_EQ(info.watermark, 1u);
}

TEST_F(IndexChanges, SaveWhileUsed) {
  const GeneratedData data(4000, 16);
  HnswIndex index = small_index(data, Metric::l2_squared, 0);
  index.save(path("a"));
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < 600; i += 2) {
        index.insert(20'000 + i, data.row(i));
        if (i % 3 == 0) index.remove(i);
      }
    });
  }
  threads.emplace_back([&] {
    for (std::size_t i = 0; !done; ++i) {
      EXPECT_EQ(index.search(data.row(i % 4000), 10, 20).size(), 10u);
    }
  });
  for (std::size_t i = 0; i < 8; ++i) {
    if (!index.append_changes(path("a"))) index.save(path("a"));
    const std::size_t size = HnswIndex::load(path("a")).size();
    EXPECT_GE(size, 3800u);
  }
  threads[0].join();
  threads[1].join();
  done = true;
  threads[2].join();
  if (!index.append_changes(path("a"))) index.save(path("a"));
  const HnswIndex loaded = HnswIndex::load(path("a"));
  expect_equal(index, loaded, data);
  expect_same_content(index, loaded);
}

}  // namespace
}  // namespace dvecdb::core

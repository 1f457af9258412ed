#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstring>
#include <initializer_list>
#include <thread>

#include "tests/unit/core/index_file_fixture.h"

namespace dvecdb::core {
namespace {

class VectorsOnDisk : public IndexFile {
 protected:
  HnswOptions options(std::size_t dims, bool on_disk) const {
    HnswOptions options;
    options.dims = dims;
    options.m = 6;
    options.ef_construction = 40;
    if (on_disk) options.vectors_folder = directory_.string();
    return options;
  }

  static void fill(HnswIndex& index, const GeneratedData& data) {
    for (std::size_t i = 0; i < data.count; ++i) index.insert(i, data.row(i));
    for (std::size_t i = 0; i < 20; ++i) index.insert(10'000 + i, data.row(3));
    for (std::size_t i = 0; i < data.count; i += 4) index.remove(i);
    for (std::size_t i = 1; i < data.count; i += 9) index.upsert(i, data.row(i + 1));
  }
};

TEST_F(VectorsOnDisk, AnswersAsFromMemory) {
  const GeneratedData data(600, 40);
  HnswIndex here(options(data.dims, false));
  HnswIndex there(options(data.dims, true));
  fill(here, data);
  fill(there, data);
  expect_equal(here, there, data);
  for (std::size_t i = 0; i < data.count; ++i) {
    std::vector<float> a(data.dims);
    std::vector<float> b(data.dims);
    EXPECT_EQ(here.vector(i, a.data()), there.vector(i, b.data()));
    EXPECT_EQ(a, b);
  }
  const HnswStats memory = here.stats();
  const HnswStats disk = there.stats();
  EXPECT_FALSE(memory.vectors_on_disk);
  EXPECT_TRUE(disk.vectors_on_disk);
  EXPECT_EQ(disk.graph_bytes, memory.graph_bytes);
  EXPECT_EQ(disk.memory_bytes, disk.graph_bytes);
  EXPECT_EQ(memory.memory_bytes, memory.graph_bytes + memory.vector_bytes);
  EXPECT_GE(memory.vector_bytes, 600 * data.dims * sizeof(float));
  EXPECT_TRUE(std::filesystem::is_empty(directory_)) << "the file has no name";
}

TEST_F(VectorsOnDisk, AreReadLessByFinerCodesWhereAQuarterOfTheirSizeHasRoomForThem) {
  const auto stats_of = [&](std::size_t dims, bool on_disk) {
    HnswOptions wanted = options(dims, on_disk);
    wanted.m = HnswOptions{}.m;
    return HnswIndex(wanted).stats();
  };
  const auto bytes_of = [&](std::size_t dims) {
    HnswOptions wanted = options(dims, true);
    wanted.m = HnswOptions{}.m;
    return HnswIndex::memory_bytes_for(wanted, 1000) / 1000;
  };
  for (const std::size_t dims : {128, 384, 511, 512, 768, 1536}) {
    EXPECT_EQ(stats_of(dims, false).code, CodeKind::int3) << dims;
    EXPECT_EQ(stats_of(dims, true).code, dims < 512 ? CodeKind::int3 : CodeKind::int4) << dims;
    const std::size_t quarter = dims * sizeof(float) / 4;
    EXPECT_EQ(bytes_of(dims) <= quarter, dims >= 384) << dims;
  }
}

TEST_F(VectorsOnDisk, StayInTheIndexFile) {
  const GeneratedData data(600, 40);
  HnswIndex here(options(data.dims, false));
  fill(here, data);
  here.save(path("a"));
  HnswIndex there = HnswIndex::load(path("a"), nullptr, directory_.string());
  EXPECT_TRUE(there.stats().vectors_on_disk);
  expect_equal(here, there, data);
  there.warm();
  for (HnswIndex* index : {&here, &there}) {  // some in places of the file, some new
    for (std::size_t i = 0; i < 400; ++i) index->insert(20'000 + i, data.row(i));
  }
  expect_equal(here, there, data);
  there.save(path("b"));
  expect_equal(here, HnswIndex::load(path("b")), data);
}

TEST_F(VectorsOnDisk, MoveToTheFileThatWasSaved) {
  // Chunks of 16 MiB hold 80 rows.
  const GeneratedData data(30, 50'000);
  HnswIndex index(options(data.dims, true));
  std::size_t count = 0;
  const auto insert = [&](std::size_t rows) {
    for (; rows > 0; --rows, ++count) index.insert(count, data.row(count % data.count));
  };
  const auto expect_all = [&] {
    std::vector<float> row(data.dims);
    for (std::size_t i = 0; i < count; ++i) {
      if (!index.vector(i, row.data())) continue;
      const float* expected = data.row(i % data.count);
      EXPECT_EQ(std::memcmp(row.data(), expected, row.size() * sizeof(float)), 0) << i;
    }
  };
  for (const std::size_t rows : std::initializer_list<std::size_t>{0, 100, 5, 75, 40}) {
    insert(rows);
    index.save(path("a"));
    expect_all();
    insert(3);
    if (count > 50) index.remove(count - 20);
    index.compact();
    insert(2);
    expect_all();
    if (!index.append_changes(path("a"))) index.save(path("a"));
    EXPECT_EQ(HnswIndex::load(path("a")).size(), index.size());
    expect_all();
  }
}

TEST_F(VectorsOnDisk, SavedAndMovedWhileUsed) {
  const GeneratedData data(2000, 64);
  HnswIndex index(options(data.dims, true));
  for (std::size_t i = 0; i < 1000; ++i) index.insert(i, data.row(i));
  std::thread inserts([&] {
    for (std::size_t i = 1000; i < data.count; ++i) {
      index.insert(i, data.row(i));
      index.upsert(i % 100, data.row(i % 100));
    }
  });
  std::thread searches([&] {
    for (std::size_t i = 0; i < 1000; ++i) {
      EXPECT_EQ(index.search(data.row(i), 5, 20).size(), 5u);
    }
  });
  for (std::size_t i = 0; i < 5; ++i) index.save(path("a"));
  inserts.join();
  searches.join();
  std::vector<float> row(data.dims);
  for (std::size_t i = 0; i < data.count; ++i) {
    ASSERT_TRUE(index.vector(i, row.data()));
    EXPECT_EQ(std::memcmp(row.data(), data.row(i), row.size() * sizeof(float)), 0);
  }
}

TEST_F(VectorsOnDisk, OddSizesCrossPagesAndChunks) {
  // More than one chunk of 16 MiB, of rows that end nowhere near a page.
  const GeneratedData data(20, 60'001);
  HnswIndex index(options(data.dims, true));
  for (std::size_t i = 0; i < 100; ++i) index.insert(i, data.row(i % data.count));
  std::vector<float> row(data.dims);
  for (std::size_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(index.vector(i, row.data()));
    EXPECT_EQ(std::memcmp(row.data(), data.row(i % data.count), row.size() * sizeof(float)), 0);
  }
  EXPECT_EQ(index.search(data.row(7), 5, 20).at(4).distance, 0);
  index.save(path("a"));
  HnswIndex::verify(path("a"));
}

TEST_F(VectorsOnDisk, ManyThreads) {
  const GeneratedData data(3000, 32);
  HnswIndex index(options(data.dims, true));
  constexpr std::size_t kThreads = 4;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < data.count; i += kThreads) {
        index.insert(i, data.row(i));
        if (i % 3 == 0) index.search(data.row(i / 2), 5, 20);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<float> row(data.dims);
  for (std::size_t i = 0; i < data.count; ++i) {
    ASSERT_TRUE(index.vector(i, row.data()));
    EXPECT_EQ(std::memcmp(row.data(), data.row(i), row.size() * sizeof(float)), 0);
  }
}

TEST_F(VectorsOnDisk, AFolderThatCannotTakeThem) {
  HnswOptions wanted = options(8, true);
  wanted.vectors_folder = path("none");
  try {
    HnswIndex index(wanted);
    FAIL();
  } catch (const FileError& error) {
    EXPECT_NE(std::strstr(error.what(), "none"), nullptr) << error.what();
  }
}

TEST_F(VectorsOnDisk, AFullDiskIsAnErrorAndNoMore) {
  const GeneratedData data(100, 50);
  HnswIndex index(options(data.dims, true));
  for (std::size_t i = 0; i < 50; ++i) index.insert(i, data.row(i));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit = before;
  limit.rlim_cur = 60 * data.dims * sizeof(float);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::size_t inserted = 50;
  try {
    for (; inserted < data.count; ++inserted) index.insert(inserted, data.row(inserted));
  } catch (const FileError&) {
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  EXPECT_EQ(inserted, 60u);
  EXPECT_EQ(index.size(), inserted);
  for (; inserted < data.count; ++inserted) EXPECT_TRUE(index.insert(inserted, data.row(inserted)));
  for (std::size_t i = 0; i < data.count; ++i) {
    EXPECT_EQ(index.search(data.row(i), 1, 60).at(0).label, i);
  }
}

}  // namespace
}  // namespace dvecdb::core

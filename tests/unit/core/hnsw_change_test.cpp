#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "dvecdb/hnsw.h"
#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {
namespace {

HnswOptions options_for(const GeneratedData& data) {
  HnswOptions options;
  options.dims = data.dims;
  options.ef_construction = 60;
  return options;
}

double mean_recall(const HnswIndex& index, const FlatIndex& exact, const GeneratedData& queries) {
  double sum = 0;
  for (std::size_t q = 0; q < queries.count; ++q) {
    sum += recall(index.search(queries.row(q), 10, 100), exact.search(queries.row(q), 10));
  }
  return sum / static_cast<double>(queries.count);
}

TEST(HnswChange, InsertRemoveUpsert) {
  const GeneratedData data(10, 8);
  HnswIndex index(options_for(data));
  EXPECT_TRUE(index.insert(1, data.row(0)));
  EXPECT_FALSE(index.insert(1, data.row(1)));
  EXPECT_TRUE(index.contains(1));
  std::vector<float> out(8);
  EXPECT_TRUE(index.vector(1, out.data()));
  EXPECT_TRUE(std::equal(out.begin(), out.end(), data.row(0)));
  index.upsert(1, data.row(1));
  EXPECT_EQ(index.size(), 1u);
  EXPECT_TRUE(index.vector(1, out.data()));
  EXPECT_TRUE(std::equal(out.begin(), out.end(), data.row(1)));
  EXPECT_EQ(index.search(data.row(1), 3, 10), (std::vector<Neighbor>{{1, 0}}));
  EXPECT_TRUE(index.remove(1));
  EXPECT_FALSE(index.remove(1));
  EXPECT_FALSE(index.contains(1));
  EXPECT_FALSE(index.vector(1, out.data()));
  EXPECT_TRUE(index.search(data.row(1), 3, 10).empty());
}

TEST(HnswChange, RefusesOptionsOutOfRange) {
  HnswOptions options;
  EXPECT_THROW(HnswIndex{options}, std::invalid_argument);
  options.dims = 3;
  options.m = 1;
  EXPECT_THROW(HnswIndex{options}, std::invalid_argument);
  options.m = 16;
  options.ef_construction = 0;
  EXPECT_THROW(HnswIndex{options}, std::invalid_argument);
  options.ef_construction = 64;
  options.metric = Metric::l1;
  options.code = CodeKind::int4;
  EXPECT_THROW(HnswIndex{options}, std::invalid_argument);
}

TEST(HnswChange, RecallHoldsWhenMostIsReplaced) {
  const GeneratedData data(6000, 48);
  const GeneratedData queries(100, 48);
  HnswIndex index(options_for(data));
  FlatIndex exact(48, Metric::l2_squared);
  for (std::size_t i = 0; i < 3000; ++i) {
    index.insert(i, data.row(i));
    exact.upsert(i, data.row(i));
  }
  const std::size_t memory = index.memory_bytes();
  for (std::size_t i = 0; i < 3000; ++i) {
    ASSERT_TRUE(index.remove(i));
    exact.remove(i);
    index.insert(3000 + i, data.row(3000 + i));
    exact.upsert(3000 + i, data.row(3000 + i));
  }
  EXPECT_EQ(index.size(), 3000u);
  EXPECT_GE(mean_recall(index, exact, queries), 0.95);
  EXPECT_LT(index.memory_bytes(), memory * 3 / 2) << "space is not reused";
  index.compact();
  EXPECT_EQ(index.stats().deleted, 0u);
  EXPECT_GE(mean_recall(index, exact, queries), 0.95);
}

TEST(HnswChange, AllMayGoAndComeBack) {
  const GeneratedData data(1000, 16);
  HnswIndex index(options_for(data));
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < data.count; ++i) ASSERT_TRUE(index.insert(i, data.row(i)));
    for (std::size_t i = 0; i < data.count; ++i) {
      const std::vector<Neighbor> found = index.search(data.row(i), 1, 50);
      ASSERT_EQ(found.size(), 1u);
      ASSERT_EQ(found[0].distance, 0) << i;
    }
    for (std::size_t i = 0; i < data.count; ++i) ASSERT_TRUE(index.remove(i));
    EXPECT_TRUE(index.search(data.row(0), 10, 50).empty());
    if (round == 1) index.compact();
  }
  index.compact();
  const HnswStats stats = index.stats();
  EXPECT_EQ(stats.size, 0u);
  EXPECT_EQ(stats.deleted, 0u);
  EXPECT_GT(stats.free_slots, 0u);
}

TEST(HnswChange, EqualCallsBuildEqualGraphs) {
  const GeneratedData data(2000, 32);
  HnswIndex a(options_for(data));
  HnswIndex b(options_for(data));
  for (std::size_t i = 0; i < data.count; ++i) {
    a.insert(i, data.row(i));
    b.insert(i, data.row(i));
    if (i % 3 == 0) {
      a.remove(i / 2);
      b.remove(i / 2);
    }
  }
  for (std::size_t i = 0; i < 200; ++i) {
    EXPECT_EQ(a.search(data.row(i), 20, 20), b.search(data.row(i), 20, 20));
  }
  EXPECT_EQ(a.stats().average_degree, b.stats().average_degree);
  EXPECT_EQ(a.stats().level_nodes, b.stats().level_nodes);
}

TEST(HnswChange, ManyThreadsInsertSearchAndRemove) {
  constexpr std::size_t kEach = 800;
  const GeneratedData data(4 * kEach, 24);
  HnswIndex index(options_for(data));
  std::atomic<bool> done{false};
  std::thread searcher([&] {
    for (std::size_t q = 0; !done; q = (q + 1) % data.count) {
      for (const Neighbor& n : index.search(data.row(q), 10, 40)) ASSERT_LT(n.label, data.count);
      SearchCursor cursor = index.open_cursor(data.row(q), 20);
      for (int part = 0; part < 3; ++part) cursor.next(30);
      index.stats();
    }
  });
  std::vector<std::thread> writers;
  for (std::size_t t = 0; t < 4; ++t) {
    writers.emplace_back([&, t] {
      for (std::size_t i = 0; i < kEach; ++i) {
        const std::size_t row = t * kEach + i;
        // every eighth row is equal in all threads
        ASSERT_TRUE(index.insert(row, data.row(i % 8 == 0 ? i : row)));
        if (i % 2 == 1) {
          ASSERT_TRUE(index.remove(row - 1));
        }
        if (i % 100 == 99) index.search(data.row(row), 10, 40);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  searcher.join();
  EXPECT_EQ(index.size(), 2 * kEach);
  index.compact();
  EXPECT_EQ(index.stats().deleted, 0u);
  EXPECT_EQ(index.search(data.row(0), 4 * kEach, 10).size(), 2 * kEach);
  double found = 0;
  for (std::size_t row = 1; row < data.count; row += 2) {
    found += index.search(data.row(row), 1, 60).at(0).label == row;
  }
  EXPECT_GE(found / (2 * kEach), 0.95);
}

TEST(HnswChange, ThreadsThatFightForOneLabel) {
  const GeneratedData data(8, 8);
  HnswIndex index(options_for(data));
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        index.upsert(1, data.row(t));
        index.remove(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(index.size(), 0u);
  EXPECT_TRUE(index.search(data.row(0), 5, 10).empty());
}

// Points on a line, each thread's between the others': every one must be found from any side.
TEST(HnswChange, ConcurrentInsertsLeaveNobodyAlone) {
  constexpr unsigned kThreads = 4;
  constexpr unsigned kPoints = 8000;
  HnswOptions options;
  options.dims = 3;
  options.ef_construction = 64;
  HnswIndex index(options);
  std::vector<std::thread> threads;
  for (unsigned first = 0; first < kThreads; ++first) {
    threads.emplace_back([&index, first] {
      for (unsigned i = first; i < kPoints; i += kThreads) {
        const std::array<float, 3> point = {static_cast<float>(i), 1, 0};
        index.insert(i, point.data());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  unsigned missed = 0;
  for (unsigned i = 0; i < kPoints; ++i) {
    const std::array<float, 3> point = {static_cast<float>(i), 1, 0};
    missed += index.search(point.data(), 1, 40).front().label != i;
  }
  EXPECT_EQ(missed, 0U);
}

}  // namespace
}  // namespace dvecdb::core

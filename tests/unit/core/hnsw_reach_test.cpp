// Data that tears graphs apart, inserted by threads of which each has a run of near neighbors.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <thread>

#include "core/hnsw/engine.h"
#include "dvecdb/flat.h"
#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kRows = 2000;
constexpr std::size_t kThreads = 4;

struct Rows {
  std::size_t dims;
  std::vector<float> values = std::vector<float>(kRows * dims);

  const float* row(std::size_t i) const { return values.data() + i * dims; }
};

Rows line() {
  Rows rows{3};
  for (std::size_t i = 0; i < kRows; ++i) {
    rows.values[3 * i] = static_cast<float>(i);
    rows.values[3 * i + 1] = static_cast<float>(i % 7);
    rows.values[3 * i + 2] = static_cast<float>(i % 3);
  }
  return rows;
}

Rows sorted_values() {
  Rows rows{1};
  std::mt19937 random(5);
  for (float& x : rows.values) x = static_cast<float>(random() % 1'000'000);
  std::sort(rows.values.begin(), rows.values.end());
  return rows;
}

Rows grid() {
  constexpr std::size_t kWidth = 50;
  Rows rows{2};
  for (std::size_t i = 0; i < kRows; ++i) {
    rows.values[2 * i] = static_cast<float>(i / kWidth);
    rows.values[2 * i + 1] = static_cast<float>(i % kWidth);
  }
  return rows;
}

Rows repeated() {
  constexpr std::size_t kEqual = 20;
  Rows rows{3};
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    const std::size_t vector = i / 3 / kEqual;
    rows.values[i] = static_cast<float>((vector * (i % 3 + 1) * 7) % 101);
  }
  return rows;
}

Rows clusters() {
  constexpr std::size_t kClusters = 20;
  Rows rows{8};
  std::mt19937 random(6);
  std::normal_distribution<float> normal;
  std::vector<float> center(8);
  for (std::size_t i = 0; i < kRows; ++i) {
    if (i % (kRows / kClusters) == 0) {
      for (float& x : center) x = 30 * normal(random);
    }
    for (std::size_t j = 0; j < 8; ++j) rows.values[8 * i + j] = center[j] + normal(random);
  }
  return rows;
}

/// Each thread takes a run of the rows.
void for_each_run(const std::function<void(std::size_t)>& visit) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&visit, t] {
      for (std::size_t i = kRows * t / kThreads; i < kRows * (t + 1) / kThreads; ++i) visit(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Nodes that links of the lowest level do not lead to from the entry.
std::size_t out_of_reach(const HnswEngine& index) {
  const Graph& graph = index.graph;
  std::vector<bool> seen(graph.slots());
  std::vector<std::uint32_t> open{graph.entry().slot};
  seen[open[0]] = true;
  while (!open.empty()) {
    const Links links = graph.links(open.back(), 0);
    open.pop_back();
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (!seen[links[i]]) open.push_back(links[i]);
      seen[links[i]] = true;
    }
  }
  std::size_t count = 0;
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    const Node& node = graph.node(slot);
    count += node.load_state() == NodeState::live && node.role == NodeRole::linked && !seen[slot];
  }
  return count;
}

struct Case {
  std::string name;
  Rows (*make)();
  double missed_share;  ///< that may be missed by a search for the row itself
  double recall;
};

void PrintTo(const Case& hard, std::ostream* out) {
  *out << hard.name;
}

class HnswReach : public testing::TestWithParam<Case> {
 protected:
  void expect_found(const std::function<bool(std::size_t)>& is_in) {
    FlatIndex exact(rows_.dims, Metric::l2_squared);
    for (std::size_t i = 0; i < kRows; ++i) {
      if (is_in(i)) exact.upsert(i, rows_.row(i));
    }
    std::size_t count = 0;
    std::size_t missed = 0;
    double sum = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
      if (!is_in(i)) continue;
      const std::vector<Neighbor> found = index_.search(rows_.row(i), 10, 100, {});
      ++count;
      missed += found.front().distance != 0;
      sum += recall(found, exact.search(rows_.row(i), 10));
    }
    const double rows = static_cast<double>(count);
    EXPECT_LE(static_cast<double>(missed), GetParam().missed_share * rows);
    EXPECT_GE(sum / rows, GetParam().recall);
    EXPECT_EQ(out_of_reach(index_), 0U);
  }

  static HnswOptions options(std::size_t dims) {
    HnswOptions options;
    options.dims = dims;
    options.ef_construction = 64;
    return options;
  }

  const Rows rows_ = GetParam().make();
  HnswEngine index_{options(rows_.dims)};
};

TEST_P(HnswReach, HoldsThroughInsertsAndDeletes) {
  for_each_run([this](std::size_t i) { index_.insert(i, rows_.row(i)); });
  {
    SCOPED_TRACE("inserted");
    expect_found([](std::size_t) { return true; });
  }
  const auto goes = [](std::size_t i) { return i / 60 % 2 == 0; };
  for_each_run([&](std::size_t i) {
    if (goes(i)) index_.remove(i);
  });
  index_.compact();
  {
    SCOPED_TRACE("half removed");
    expect_found([&](std::size_t i) { return !goes(i); });
  }
  for_each_run([&](std::size_t i) {
    if (goes(i)) index_.insert(i, rows_.row(i));
  });
  SCOPED_TRACE("inserted again");
  expect_found([](std::size_t) { return true; });
}

INSTANTIATE_TEST_SUITE_P(HardData, HnswReach,
                         testing::Values(Case{"line", line, 0, 0.999},
                                         Case{"sorted", sorted_values, 0, 0.999},
                                         Case{"grid", grid, 0, 0.999},
                                         Case{"repeated", repeated, 0, 0.999},
                                         Case{"clusters", clusters, 0.15, 0.85}),
                         [](const auto& hard) { return hard.param.name; });

TEST(HnswEqual, ManyThreadsInsertEqualVectors) {
  for (const float element : {1.0f, 0.0f}) {
    HnswOptions options;
    options.dims = 3;
    options.metric = Metric::cosine;
    HnswIndex index(options);
    const std::vector<float> vector(3, element);
    constexpr std::size_t kTimes = 5;
    for_each_run([&](std::size_t i) {
      for (std::size_t n = 0; n < kTimes; ++n) index.insert(kTimes * i + n, vector.data());
    });
    for_each_run([&](std::size_t i) {
      index.remove(kTimes * i);
      index.insert(kTimes * i, vector.data());
    });
    EXPECT_EQ(index.size(), kTimes * kRows);
    EXPECT_EQ(index.search(vector.data(), 10, 40).size(), 10U);
    EXPECT_EQ(index.search(vector.data(), kTimes * kRows, 40).size(), kTimes * kRows);
  }
}

// Codes that are nearly equal must not send links from node to node without end.
TEST(HnswEqual, FewDirectionsByCosine) {
  constexpr std::size_t kDirections = 8;
  HnswOptions options;
  options.dims = kDirections;
  options.metric = Metric::cosine;
  options.ef_construction = 64;
  HnswIndex index(options);
  std::vector<float> vector(kDirections);
  for (std::size_t i = 0; i < kRows; ++i) {
    std::fill(vector.begin(), vector.end(), 0.0f);
    vector[i % kDirections] = 1.0f + 0.001f * static_cast<float>(i);
    index.insert(i, vector.data());
  }
  for (std::size_t direction = 0; direction < kDirections; ++direction) {
    std::fill(vector.begin(), vector.end(), 0.0f);
    vector[direction] = 1;
    for (const Neighbor& found : index.search(vector.data(), 100, 100)) {
      EXPECT_EQ(found.label % kDirections, direction);
    }
  }
}

}  // namespace
}  // namespace dvecdb::core

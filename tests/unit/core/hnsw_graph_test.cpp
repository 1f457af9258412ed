#include "dvecdb/hnsw_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kDims = 24;

HnswIndex index_of(const GeneratedData& data, HnswOptions options) {
  HnswIndex index(options);
  for (std::size_t i = 0; i < data.count; ++i) index.insert(1000 + i, data.row(i));
  return index;
}

HnswOptions options_of(Metric metric) {
  HnswOptions options;
  options.dims = kDims;
  options.metric = metric;
  options.m = 6;
  options.ef_construction = 40;
  return options;
}

std::vector<std::uint32_t> links(const HnswGraph& graph, std::uint32_t slot, std::uint32_t level) {
  std::vector<std::uint32_t> out(graph.capacity(level));
  out.resize(graph.links(slot, level, out.data()));
  return out;
}

TEST(HnswGraph, GivesEveryVectorAndReachesAll) {
  const GeneratedData data(2000, kDims);
  const HnswIndex index = index_of(data, options_of(Metric::l2_squared));
  const HnswGraph graph(index);
  ASSERT_EQ(graph.slots(), data.count);
  std::set<std::uint64_t> labels;
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    ASSERT_EQ(graph.role(slot), HnswGraph::Role::linked);
    const float* row = data.row(graph.label(slot) - 1000);
    EXPECT_EQ(std::memcmp(graph.vector(slot), row, kDims * sizeof(float)), 0);
    labels.insert(graph.label(slot));
  }
  EXPECT_EQ(labels.size(), data.count);
  std::vector<std::uint32_t> queue = {graph.entry()};
  std::set<std::uint32_t> seen = {graph.entry()};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const std::uint32_t next : links(graph, queue[i], 0)) {
      if (seen.insert(next).second) queue.push_back(next);
    }
  }
  EXPECT_EQ(queue.size(), data.count);
}

TEST(HnswGraph, LinksOfALevelLeadToNodesOfThatLevel) {
  const GeneratedData data(2000, kDims);
  const HnswIndex index = index_of(data, options_of(Metric::l2_squared));
  const HnswGraph graph(index);
  std::size_t upper = 0;
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    EXPECT_LE(graph.level(slot), graph.level(graph.entry()));
    for (std::uint32_t level = 0; level <= graph.level(slot); ++level) {
      for (const std::uint32_t next : links(graph, slot, level)) {
        EXPECT_GE(graph.level(next), level);
        upper += level > 0;
      }
    }
  }
  EXPECT_GT(upper, 0u);
}

TEST(HnswGraph, EqualVectorsAreChained) {
  HnswIndex index(options_of(Metric::l2_squared));
  const GeneratedData data(50, kDims);
  for (std::size_t i = 0; i < data.count; ++i) index.insert(i, data.row(i));
  for (std::uint64_t i = 0; i < 5; ++i) index.insert(100 + i, data.row(7));
  const HnswGraph graph(index);
  std::uint32_t slot = 0;
  while (graph.label(slot) != 7) ++slot;
  std::set<std::uint64_t> chain;
  for (slot = graph.next_duplicate(slot); slot != HnswGraph::kNone;
       slot = graph.next_duplicate(slot)) {
    EXPECT_EQ(graph.role(slot), HnswGraph::Role::duplicate);
    chain.insert(graph.label(slot));
  }
  EXPECT_EQ(chain, (std::set<std::uint64_t>{100, 101, 102, 103, 104}));
}

TEST(HnswGraph, ZeroVectorsAreUnrankedByCosine) {
  HnswIndex index(options_of(Metric::cosine));
  const std::vector<float> zero(kDims);
  index.insert(1, zero.data());
  const HnswGraph graph(index);
  EXPECT_EQ(graph.entry(), HnswGraph::kNone);
  EXPECT_EQ(graph.role(0), HnswGraph::Role::unranked);
}

TEST(HnswGraph, RemovedLabelsHaveNoRole) {
  HnswIndex index(options_of(Metric::l2_squared));
  const GeneratedData data(50, kDims);
  for (std::size_t i = 0; i < data.count; ++i) index.insert(i, data.row(i));
  index.remove(3);
  const HnswGraph graph(index);
  for (std::uint32_t slot = 0; slot < graph.slots(); ++slot) {
    const bool is_gone = graph.role(slot) == HnswGraph::Role::none;
    EXPECT_EQ(is_gone, graph.label(slot) == 3);
  }
}

TEST(HnswIndex, SaysBeforehandWhatItWillTake) {
  const GeneratedData data(5000, kDims);
  for (const CodeKind kind : {CodeKind::automatic, CodeKind::int8, CodeKind::half}) {
    HnswOptions options = options_of(Metric::l2_squared);
    options.code = kind;
    const auto taken = static_cast<double>(index_of(data, options).memory_bytes());
    EXPECT_NEAR(static_cast<double>(HnswIndex::memory_bytes_for(options, data.count)), taken,
                0.05 * taken);
  }
}

TEST(HnswIndex, OnDiskVectorsTakeNoMemory) {
  HnswOptions options = options_of(Metric::l2_squared);
  const std::size_t in_memory = HnswIndex::memory_bytes_for(options, 1000);
  options.vectors_folder = testing::TempDir();
  EXPECT_EQ(in_memory - HnswIndex::memory_bytes_for(options, 1000), 1000 * kDims * sizeof(float));
}

/// Numbers of 40 bits, by how many of them differ.
class Bits final : public ValueSpace {
 public:
  std::size_t value_bytes() const override { return 5; }
  void distances(const std::uint8_t* from, const std::uint8_t* const* to, std::size_t count,
                 float* out) const override {
    for (std::size_t i = 0; i < count; ++i) {
      int different = 0;
      for (std::size_t j = 0; j < value_bytes(); ++j) {
        different += std::popcount(static_cast<std::uint8_t>(from[j] ^ to[i][j]));
      }
      out[i] = static_cast<float>(different);
    }
  }
};

TEST(HnswGraph, IsOfValuesToo) {
  const Bits space;
  constexpr std::uint64_t kCount = 2000;
  const auto value = [](std::uint64_t label) {
    std::array<std::uint8_t, 8> bytes;
    const std::uint64_t mixed = (label + 1) * 0x9e3779b97f4a7c15u;
    std::memcpy(bytes.data(), &mixed, sizeof mixed);
    return bytes;
  };
  HnswOptions options = options_of(Metric::l2_squared);
  options.dims = 0;
  options.values = &space;
  HnswIndex index(options);
  const auto insert = [&](std::uint64_t first) {
    for (std::uint64_t i = first; i < kCount; i += 2) index.insert_value(i, value(i).data());
  };
  std::thread other(insert, 1);
  insert(0);
  other.join();
  const HnswGraph graph(index);
  ASSERT_EQ(graph.slots(), kCount);
  std::vector<bool> is_led_to(kCount);
  std::size_t near_links = 0;
  for (std::uint32_t slot = 0; slot < kCount; ++slot) {
    const std::uint8_t* code = graph.code(slot);
    EXPECT_EQ(std::memcmp(code, value(graph.label(slot)).data(), space.value_bytes()), 0);
    for (const std::uint32_t next : links(graph, slot, 0)) {
      const std::uint8_t* other_code = graph.code(next);
      float distance;
      space.distances(code, &other_code, 1, &distance);
      near_links += distance <= 12;  // of 40; 0.8% of all pairs
      is_led_to[next] = true;
    }
  }
  EXPECT_GE(std::count(is_led_to.begin(), is_led_to.end(), true), kCount * 99 / 100);
  EXPECT_GE(near_links, kCount * 4);
}

TEST(HnswGraph, OfValuesHasNoDimensions) {
  const Bits space;
  HnswOptions options = options_of(Metric::l2_squared);
  options.values = &space;
  EXPECT_THROW(HnswIndex{options}, std::invalid_argument);
}

}  // namespace
}  // namespace dvecdb::core

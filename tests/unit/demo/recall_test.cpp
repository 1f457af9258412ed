// What the promise of recall is measured by: the images that ship with the source.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "demo/demo_set.h"
#include "dvecdb/flat.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::demo {
namespace {

constexpr std::size_t queries = 200;
constexpr std::size_t threads = 2;

// The share of the k exact answers that were found; an equally near row counts.
double recall(const std::vector<core::Neighbor>& found, const std::vector<core::Neighbor>& exact) {
  const auto hits = std::count_if(found.begin(), found.end(), [&](const core::Neighbor& n) {
    return n.distance <= exact.back().distance;
  });
  return static_cast<double>(hits) / static_cast<double>(exact.size());
}

TEST(DemoSet, RecallAtEf100) {
  const std::vector<Image> images = read_demo_set();
  ASSERT_EQ(images.size(), 10000U);
  const std::size_t rows = images.size() - queries;
  for (const core::Metric metric :
       {core::Metric::l2_squared, core::Metric::cosine, core::Metric::inner_product}) {
    core::HnswOptions options;  // the index method's defaults: m = 16, ef_construction = 64
    options.dims = dimensions;
    options.metric = metric;
    core::HnswIndex index(options);
    core::FlatIndex exact(dimensions, metric);
    for (std::size_t i = 0; i < rows; ++i) exact.upsert(i, images[i].pixels.data());
    std::vector<std::thread> builders;
    for (std::size_t t = 0; t < threads; ++t) {
      builders.emplace_back([&, t] {
        for (std::size_t i = t; i < rows; i += threads) index.insert(i, images[i].pixels.data());
      });
    }
    for (std::thread& builder : builders) builder.join();

    double sum = 0;
    for (std::size_t q = rows; q < images.size(); ++q) {
      const float* query = images[q].pixels.data();
      sum += recall(index.search(query, 10, 100), exact.search(query, 10));
    }
    EXPECT_GE(sum / queries, 0.95) << "metric " << static_cast<int>(metric);
  }
}

}  // namespace
}  // namespace dvecdb::demo

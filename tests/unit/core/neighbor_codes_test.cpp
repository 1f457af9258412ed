#include "dvecdb/neighbor_codes.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <stdexcept>
#include <string>

#include "tests/unit/core/code_cases.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kDims = 100;
constexpr Metric kMetrics[] = {Metric::l2_squared, Metric::inner_product, Metric::cosine};

/// A node with neighbors about it, and queries about both.
struct Scene {
  Scene(Metric metric_of_scene, float spread, unsigned seed = 1)
      : metric(metric_of_scene), space(CodeKind::int8, metric, kDims), random(seed) {
    node = random_row(kDims, random);
    for (int i = 0; i < 10; ++i) neighbors.push_back(near(node, spread, random));
    for (int i = 0; i < 20; ++i) queries.push_back(near(node, 1.0f, random));
    rotated_node = rotated(node);
  }

  /// As the own codes of an index give it.
  Row rotated(const Row& row) const {
    PreparedQuery scratch;
    std::vector<std::uint8_t> code(space.code_bytes());
    space.encode(row.data(), code.data(), scratch);
    Row out(space.rotated_dims());
    space.decode_rotated(code.data(), out.data());
    return out;
  }

  std::vector<std::uint8_t> code(const NeighborCodes& codes, const Row& neighbor) const {
    NeighborCodes::Scratch scratch;
    std::vector<std::uint8_t> out(codes.code_bytes());
    codes.encode(rotated(neighbor).data(), rotated_node.data(), out.data(), scratch);
    return out;
  }

  float estimate(const NeighborCodes& codes, const Row& query,
                 const std::vector<std::uint8_t>& of) const {
    PreparedQuery prepared;
    space.prepare(query.data(), prepared);
    const auto base = static_cast<float>(exact_estimate(metric, query, node));
    const std::uint8_t* pointer = of.data();
    float out;
    codes.estimate(prepared, base, &pointer, 1, &out);
    return out;
  }

  Metric metric;
  CodeSpace space;
  std::mt19937 random;
  Row node;
  Row rotated_node;
  std::vector<Row> neighbors;
  std::vector<Row> queries;
};

struct Errors {
  double mean = 0;
  double root_mean_square = 0;
};

/// Over the neighbors of many nodes: errors at one node go the same way for queries near it.
Errors errors_of(Metric metric, float spread, int bits) {
  constexpr unsigned kScenes = 30;
  const NeighborCodes codes(bits, metric, kDims);
  RootMeanSquare squares;
  double sum = 0;
  std::size_t count = 0;
  for (unsigned seed = 1; seed <= kScenes; ++seed) {
    const Scene scene(metric, spread, seed);
    for (const Row& neighbor : scene.neighbors) {
      const auto code = scene.code(codes, neighbor);
      for (const Row& query : scene.queries) {
        const double estimate = static_cast<double>(scene.estimate(codes, query, code));
        const double error = estimate - exact_estimate(metric, query, neighbor);
        squares.add(error);
        sum += error;
        ++count;
      }
    }
  }
  return {sum / static_cast<double>(count), squares.value()};
}

TEST(NeighborCodes, EstimatesAreNearAndUnbiasedOnEveryIsa) {
  on_every_isa([](Isa isa) {
    for (const Metric metric : kMetrics) {
      for (int bits = 1; bits <= 8; ++bits) {
        SCOPED_TRACE(std::string(isa_name(isa)) + ", metric " +
                     std::to_string(static_cast<int>(metric)) + ", " + std::to_string(bits));
        const Errors errors = errors_of(metric, 0.5f, bits);
        EXPECT_LT(std::fabs(errors.mean), 0.15 * errors.root_mean_square);
        EXPECT_LT(errors.root_mean_square, metric == Metric::cosine ? 0.1 : 12.0);
      }
    }
  });
}

TEST(NeighborCodes, ErrorsShrinkWithBits) {
  for (const Metric metric : kMetrics) {
    double before = 1e9;
    for (int bits = 1; bits <= 4; ++bits) {
      const double error = errors_of(metric, 1.0f, bits).root_mean_square;
      EXPECT_LT(error, 0.65 * before) << bits << " bits";
      before = error;
    }
  }
}

TEST(NeighborCodes, ErrorsShrinkWithTheDistanceFromTheNode) {
  for (const Metric metric : kMetrics) {
    for (const int bits : {1, 2}) {
      const double far = errors_of(metric, 1.0f, bits).root_mean_square;
      const double near = errors_of(metric, 0.25f, bits).root_mean_square;
      EXPECT_LT(near, 0.5 * far) << bits << " bits";
    }
  }
}

TEST(NeighborCodes, AnEqualNeighborIsAtTheNode) {
  for (const Metric metric : kMetrics) {
    const Scene scene(metric, 1.0f);
    const NeighborCodes codes(2, metric, kDims);
    const auto code = scene.code(codes, scene.node);
    const Row& query = scene.queries[0];
    const auto base = static_cast<float>(exact_estimate(metric, query, scene.node));
    EXPECT_EQ(scene.estimate(codes, query, code), base);
  }
}

TEST(NeighborCodes, HugeElementsGiveNoNan) {
  const Scene scene(Metric::l2_squared, 1.0f);
  const NeighborCodes codes(1, Metric::l2_squared, kDims);
  Row huge(codes.rotated_dims(), FLT_MAX);
  Row opposite(codes.rotated_dims(), -FLT_MAX);
  NeighborCodes::Scratch scratch;
  std::vector<std::uint8_t> code(codes.code_bytes());
  codes.encode(huge.data(), opposite.data(), code.data(), scratch);
  EXPECT_LE(scene.estimate(codes, scene.queries[0], code), FLT_MAX);
}

TEST(NeighborCodes, SeveralAreEstimatedAsEachAlone) {
  const Scene scene(Metric::l2_squared, 1.0f);
  const NeighborCodes codes(3, Metric::l2_squared, kDims);
  std::vector<std::vector<std::uint8_t>> rows;
  std::vector<const std::uint8_t*> pointers;
  for (int i = 0; i < 7; ++i)
    rows.push_back(scene.code(codes, scene.neighbors[static_cast<std::size_t>(i)]));
  for (const auto& row : rows) pointers.push_back(row.data());
  PreparedQuery query;
  scene.space.prepare(scene.queries[0].data(), query);
  const auto base = static_cast<float>(exact_estimate(scene.metric, scene.queries[0], scene.node));
  std::vector<float> out(7);
  codes.estimate(query, base, pointers.data(), 7, out.data());
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(out[i], scene.estimate(codes, scene.queries[0], rows[i]));
  }
}

TEST(NeighborCodes, RefusesWhatItCannotDo) {
  EXPECT_THROW(NeighborCodes(0, Metric::l2_squared, 8), std::invalid_argument);
  EXPECT_THROW(NeighborCodes(9, Metric::l2_squared, 8), std::invalid_argument);
  EXPECT_THROW(NeighborCodes(1, Metric::l1, 8), std::invalid_argument);
}

}  // namespace
}  // namespace dvecdb::core

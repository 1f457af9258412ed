#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "dvecdb/distance.h"
#include "tests/unit/core/kernel_cases.h"

namespace dvecdb::core {
namespace {

struct Sparse {
  std::vector<std::int32_t> indices;
  std::vector<float> values;
};

/// `count` elements among `dims`.
Sparse random_sparse(std::size_t count, std::int32_t dims, std::mt19937& random) {
  std::set<std::int32_t> chosen;
  while (chosen.size() < count) {
    chosen.insert(static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(dims)));
  }
  std::normal_distribution<float> normal;
  Sparse out;
  for (std::int32_t index : chosen) {
    out.indices.push_back(index);
    out.values.push_back(normal(random));
  }
  return out;
}

/// Copies that end at guarded pages.
class Guarded {
 public:
  explicit Guarded(const Sparse& sparse)
      : count_(sparse.indices.size()), indices_(sparse.indices), values_(sparse.values) {}
  SparseView view() const { return {indices_.last(count_), values_.last(count_), count_}; }

 private:
  std::size_t count_;
  GuardedRow<std::int32_t> indices_;
  GuardedRow<float> values_;
};

float at(const Sparse& sparse, std::int32_t index) {
  const auto found = std::lower_bound(sparse.indices.begin(), sparse.indices.end(), index);
  if (found == sparse.indices.end() || *found != index) return 0;
  return sparse.values[static_cast<std::size_t>(found - sparse.indices.begin())];
}

template <class Term>
::testing::AssertionResult within_contract(float got, const Sparse& a, const Sparse& b, Term term) {
  std::set<std::int32_t> all(a.indices.begin(), a.indices.end());
  all.insert(b.indices.begin(), b.indices.end());
  double exact = 0;
  double magnitude = 0;
  for (std::int32_t index : all) {
    const double t = term(static_cast<double>(at(a, index)), static_cast<double>(at(b, index)));
    exact += t;
    magnitude += std::fabs(t);
  }
  const double bound =
      std::ldexp(1.0, -24) * (static_cast<double>(all.size()) / 4 + 16) * magnitude;
  if (std::fabs(got - exact) <= bound) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << a.indices.size() << " and " << b.indices.size()
                                       << " elements: got " << got << ", exact " << exact;
}

void check(const SparseKernels& kernels, const Sparse& a, const Sparse& b) {
  const Guarded guarded_a(a);
  const Guarded guarded_b(b);
  const SparseView x = guarded_a.view();
  const SparseView y = guarded_b.view();
  ASSERT_TRUE(within_contract(kernels.dot(x, y), a, b, [](double p, double q) { return p * q; }));
  ASSERT_TRUE(within_contract(kernels.l2_squared(x, y), a, b,
                              [](double p, double q) { return (p - q) * (p - q); }));
  ASSERT_TRUE(
      within_contract(kernels.l1(x, y), a, b, [](double p, double q) { return std::fabs(p - q); }));
}

TEST(SparseDistance, EveryKernelKeepsItsContract) {
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    std::mt19937 random(7);
    for (std::size_t longer : {0, 1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 100, 257}) {
      for (std::size_t shorter : {0, 1, 3, 8, 16, 21, 100}) {
        for (std::int32_t dims : {260, 5000}) {  // many common elements, and few
          const Sparse a = random_sparse(shorter, dims, random);
          const Sparse b = random_sparse(longer, dims, random);
          check(entry.table->sparse, a, b);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

TEST(SparseDistance, VeryDifferentLengthsAreSkippedThrough) {
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    std::mt19937 random(8);
    const Sparse longer = random_sparse(4000, 20'000, random);
    for (std::size_t shorter = 1; shorter < 12; ++shorter) {
      Sparse few = random_sparse(shorter, 20'000, random);
      check(entry.table->sparse, few, longer);
      few.indices.back() = longer.indices.back();  // the very last of the other
      check(entry.table->sparse, few, longer);
      few.indices.back() = 30'000;  // beyond the other's end
      check(entry.table->sparse, few, longer);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(SparseDistance, InfinityReachesOnlyItsOwnTerm) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::int32_t some[] = {1, 5, 9};
  const std::int32_t others[] = {2, 5, 8, 11};
  const float a[] = {infinity, 2, 1};
  const float b[] = {1, 3, infinity, 4};
  const float nan[] = {1, std::nanf(""), 1, 4};
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    const SparseKernels& kernels = entry.table->sparse;
    EXPECT_EQ(kernels.dot({some, a, 3}, {others, b, 4}), 6);
    EXPECT_EQ(kernels.l2_squared({some, a, 3}, {others, b, 4}), infinity);
    EXPECT_EQ(kernels.l1({some, a, 3}, {others, b, 4}), infinity);
    EXPECT_TRUE(std::isnan(kernels.dot({some, a, 3}, {others, nan, 4})));
    EXPECT_TRUE(std::isnan(kernels.l1({some, a, 3}, {others, nan, 4})));
  }
}

TEST(SparseDistance, OperatorsEqualTheDenseOnes) {
  std::mt19937 random(6);
  for (int round = 0; round < 50; ++round) {
    constexpr std::size_t kDims = 60;
    const Sparse a = random_sparse(random() % 30, kDims, random);
    const Sparse b = random_sparse(random() % 30, kDims, random);
    float dense[2][kDims];
    for (std::size_t i = 0; i < kDims; ++i) {
      dense[0][i] = at(a, static_cast<std::int32_t>(i));
      dense[1][i] = at(b, static_cast<std::int32_t>(i));
    }
    const SparseView x{a.indices.data(), a.values.data(), a.indices.size()};
    const SparseView y{b.indices.data(), b.values.data(), b.indices.size()};
    for (Metric metric : {Metric::l2_squared, Metric::inner_product, Metric::cosine, Metric::l1}) {
      const double expected = operator_distance(metric, dense[0], dense[1], kDims);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(operator_distance(metric, x, y)));
      } else {
        EXPECT_NEAR(operator_distance(metric, x, y), expected, 1e-4);
      }
    }
  }
}

}  // namespace
}  // namespace dvecdb::core

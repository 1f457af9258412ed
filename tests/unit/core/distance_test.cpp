#include "dvecdb/distance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core/distance/kernel_table.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kLongest = 2100;

struct NamedTable {
  std::string name;
  const KernelTable* table;
};

std::vector<NamedTable> tables() {
  std::vector<NamedTable> found;
  for (Isa isa : supported_isas()) found.push_back({isa_name(isa), &kernels_of(isa)});
#if defined(__x86_64__)
  found.push_back({"neon (emulated)", &kNeonKernels});
#endif
  return found;
}

template <class T>
T make(float x);
template <>
float make<float>(float x) {
  return x;
}
template <>
Half make<Half>(float x) {
  return to_half(x);
}
double wide(float x) {
  return x;
}
double wide(Half x) {
  return to_float(x);
}

template <class T>
std::vector<T> random_row(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<T> row(size);
  for (T& x : row) x = make<T>(normal(random));
  return row;
}

struct Exact {
  double value = 0;
  double magnitude = 0;  // the sum of the terms' magnitudes
};

template <class T, class Term>
Exact reference(const T* a, const T* b, std::size_t dims, Term term) {
  Exact exact;
  for (std::size_t i = 0; i < dims; ++i) {
    const double t = term(wide(a[i]), wide(b[i]));
    exact.value += t;
    exact.magnitude += std::fabs(t);
  }
  return exact;
}

const auto kSquaredDifference = [](double x, double y) { return (x - y) * (x - y); };
const auto kProduct = [](double x, double y) { return x * y; };
const auto kMagnitude = [](double x, double y) { return std::fabs(x - y); };

::testing::AssertionResult within_contract(double got, const Exact& exact, std::size_t dims) {
  const double bound =
      std::ldexp(1.0, -24) * (static_cast<double>(dims) / 4 + 16) * exact.magnitude;
  if (std::fabs(got - exact.value) <= bound) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "dims " << dims << ": got " << got << ", exact " << exact.value << " +- " << bound;
}

template <class T>
void check_lengths(const DistanceKernels<T>& kernels) {
  const std::vector<T> a = random_row<T>(kLongest + 8, 1);
  const std::vector<T> b = random_row<T>(kLongest + 8, 2);
  for (std::size_t dims = 0; dims <= kLongest; ++dims) {
    const T* x = a.data() + dims % 7;  // every alignment of an element
    const T* y = b.data() + dims % 5;
    const Exact dot = reference(x, y, dims, kProduct);
    ASSERT_TRUE(within_contract(kernels.l2_squared(x, y, dims),
                                reference(x, y, dims, kSquaredDifference), dims));
    ASSERT_TRUE(within_contract(kernels.dot(x, y, dims), dot, dims));
    ASSERT_TRUE(within_contract(kernels.l1(x, y, dims), reference(x, y, dims, kMagnitude), dims));
    const DotNorms sums = kernels.dot_norms(x, y, dims);
    ASSERT_TRUE(within_contract(sums.dot, dot, dims));
    ASSERT_TRUE(within_contract(sums.norm_a, reference(x, x, dims, kProduct), dims));
    ASSERT_TRUE(within_contract(sums.norm_b, reference(y, y, dims, kProduct), dims));
  }
}

template <class T>
void check_many(const DistanceKernels<T>& kernels) {
  constexpr std::size_t kRows = 11;
  for (std::size_t dims : {1, 3, 15, 16, 17, 31, 50, 64, 100, 128, 129, 384, 784, 1536}) {
    const std::vector<T> query = random_row<T>(dims, 3);
    const std::vector<T> data = random_row<T>(kRows * dims + 1, 4);
    std::vector<const T*> rows;
    for (std::size_t i = 0; i < kRows; ++i) rows.push_back(data.data() + 1 + i * dims);
    for (std::size_t count = 0; count <= kRows; ++count) {
      std::vector<float> l2(kRows + 1, -1), dot(kRows + 1, -1), l1(kRows + 1, -1);
      kernels.l2_squared_many(query.data(), rows.data(), count, dims, l2.data());
      kernels.dot_many(query.data(), rows.data(), count, dims, dot.data());
      kernels.l1_many(query.data(), rows.data(), count, dims, l1.data());
      for (std::size_t i = 0; i < count; ++i) {
        const T* q = query.data();
        ASSERT_TRUE(within_contract(l2[i], reference(q, rows[i], dims, kSquaredDifference), dims));
        ASSERT_TRUE(within_contract(dot[i], reference(q, rows[i], dims, kProduct), dims));
        ASSERT_TRUE(within_contract(l1[i], reference(q, rows[i], dims, kMagnitude), dims));
      }
      ASSERT_EQ(l2[count], -1) << "wrote beyond the rows";
    }
  }
}

TEST(Distance, EveryKernelKeepsItsContractAtEveryLength) {
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    check_lengths(entry.table->floats);
    check_lengths(entry.table->halves);
  }
}

TEST(Distance, ManyRowsAgreeWithTheReference) {
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    check_many(entry.table->floats);
    check_many(entry.table->halves);
  }
}

TEST(Distance, SpecialValuesFollowIeee) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float denormal = std::numeric_limits<float>::denorm_min();
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    for (std::size_t dims : {1, 7, 16, 33, 70}) {
      std::vector<float> a(dims, 1.0f), b(dims, 2.0f);
      a[dims - 1] = infinity;
      EXPECT_EQ(entry.table->floats.l2_squared(a.data(), b.data(), dims), infinity);
      a[dims - 1] = std::nanf("");
      EXPECT_TRUE(std::isnan(entry.table->floats.dot(a.data(), b.data(), dims)));
      EXPECT_TRUE(std::isnan(entry.table->floats.l1(a.data(), b.data(), dims)));
      a[dims - 1] = 3e38f;
      b[dims - 1] = -3e38f;
      EXPECT_EQ(entry.table->floats.l2_squared(a.data(), b.data(), dims), infinity);
      std::fill(a.begin(), a.end(), denormal);
      std::fill(b.begin(), b.end(), 0.0f);
      EXPECT_GT(entry.table->floats.l1(a.data(), b.data(), dims), 0.0f);
    }
  }
}

TEST(Distance, BitsAreCountedExactly) {
  std::mt19937 random(5);
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    for (std::size_t bytes = 0; bytes < 300; ++bytes) {
      std::vector<std::uint8_t> a(bytes), b(bytes);
      for (auto& x : a) x = static_cast<std::uint8_t>(random());
      for (auto& x : b) x = static_cast<std::uint8_t>(random());
      std::uint64_t differ = 0, both = 0, in_a = 0, in_b = 0;
      for (std::size_t i = 0; i < bytes * 8; ++i) {
        const bool x = a[i / 8] >> (i % 8) & 1;
        const bool y = b[i / 8] >> (i % 8) & 1;
        differ += x != y;
        both += x && y;
        in_a += x;
        in_b += y;
      }
      const BitOverlap counts = entry.table->bits.overlap(a.data(), b.data(), bytes);
      ASSERT_EQ(entry.table->bits.hamming(a.data(), b.data(), bytes), differ);
      ASSERT_EQ(counts.both, both);
      ASSERT_EQ(counts.a, in_a);
      ASSERT_EQ(counts.b, in_b);
    }
  }
}

TEST(Distance, OperatorsReportWhatSqlShows) {
  const float a[] = {1, 2, 3};
  const float b[] = {4, 6, 3};
  EXPECT_DOUBLE_EQ(operator_distance(Metric::l2_squared, a, b, 3), 5);
  EXPECT_DOUBLE_EQ(ordering_distance(Metric::l2_squared, a, b, 3), 25);
  EXPECT_DOUBLE_EQ(operator_distance(Metric::inner_product, a, b, 3), -25);
  EXPECT_DOUBLE_EQ(operator_distance(Metric::l1, a, b, 3), 7);
  EXPECT_NEAR(operator_distance(Metric::cosine, a, b, 3), 1 - 25 / std::sqrt(14.0 * 61.0), 1e-12);
  const float zero[] = {0, 0, 0};
  EXPECT_TRUE(std::isnan(operator_distance(Metric::cosine, a, zero, 3)));
  const float twice[] = {2, 4, 6};
  EXPECT_EQ(operator_distance(Metric::cosine, a, twice, 3), 0);
}

TEST(Distance, SparseEqualsDense) {
  std::mt19937 random(6);
  for (int round = 0; round < 50; ++round) {
    constexpr std::size_t kDims = 60;
    float dense[2][kDims] = {};
    std::vector<std::int32_t> indices[2];
    std::vector<float> values[2];
    for (int side = 0; side < 2; ++side) {
      for (std::size_t i = 0; i < kDims; ++i) {
        if (random() % 4 != 0) continue;
        dense[side][i] = static_cast<float>(random() % 100) / 8 - 5;
        if (dense[side][i] == 0) continue;
        indices[side].push_back(static_cast<std::int32_t>(i));
        values[side].push_back(dense[side][i]);
      }
    }
    const SparseView a{indices[0].data(), values[0].data(), values[0].size()};
    const SparseView b{indices[1].data(), values[1].data(), values[1].size()};
    for (Metric metric : {Metric::l2_squared, Metric::inner_product, Metric::cosine, Metric::l1}) {
      const double expected = operator_distance(metric, dense[0], dense[1], kDims);
      EXPECT_NEAR(operator_distance(metric, a, b), expected, 1e-4);
    }
  }
}

TEST(Distance, BitMetrics) {
  const std::uint8_t a[] = {0b11110000, 0b1};
  const std::uint8_t b[] = {0b11000011, 0b1};
  const std::uint8_t none[] = {0, 0};
  EXPECT_EQ(bit_distance(BitMetric::hamming, a, b, 2), 4);
  EXPECT_DOUBLE_EQ(bit_distance(BitMetric::jaccard, a, b, 2), 1 - 3.0 / 7);
  EXPECT_EQ(bit_distance(BitMetric::jaccard, a, none, 2), 1);
  EXPECT_EQ(bit_distance(BitMetric::jaccard, none, none, 2), 1);
}

TEST(Distance, NormsAndNormalization) {
  const float a[] = {3, 4};
  float unit[2];
  EXPECT_EQ(normalize(a, unit, 2), 5);
  EXPECT_FLOAT_EQ(unit[0], 0.6f);
  EXPECT_FLOAT_EQ(unit[1], 0.8f);
  const float zero[] = {0, 0};
  EXPECT_EQ(normalize(zero, unit, 2), 0);
  EXPECT_EQ(unit[0], 0);
}

TEST(Distance, OverrideChoosesTheKernels) {
  const Isa best = active_isa();
  override_isa(Isa::scalar);
  EXPECT_EQ(&distance_kernels<float>(), &distance_kernels<float>(Isa::scalar));
  override_isa(best);
  EXPECT_EQ(active_isa(), best);
#if defined(__x86_64__)
  EXPECT_THROW(override_isa(Isa::neon), std::invalid_argument);
#endif
}

}  // namespace
}  // namespace dvecdb::core

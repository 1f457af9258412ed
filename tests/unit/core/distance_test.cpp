#include "dvecdb/distance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <random>
#include <type_traits>

#include "tests/unit/core/kernel_cases.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kLongest = 2100;
constexpr std::size_t kRows = 7;  // four and three
constexpr std::size_t kShifts = 3;

double wide(float x) {
  return x;
}
double wide(Half x) {
  return to_float(x);
}
double wide(std::int8_t x) {
  return x;
}

template <class T>
std::vector<T> random_row(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<T> row(size);
  for (T& x : row) {
    if constexpr (std::is_same_v<T, std::int8_t>) {
      x = static_cast<std::int8_t>(random());
    } else if constexpr (std::is_same_v<T, Half>) {
      x = to_half(normal(random));
    } else {
      x = normal(random);
    }
  }
  return row;
}

/// Sums over the last elements of two rows, by how many they are: exact, and of magnitudes.
struct Exact {
  std::vector<double> value{0};
  std::vector<double> magnitude{0};
};

template <class T, class Term>
Exact reference(const std::vector<T>& a, const std::vector<T>& b, Term term) {
  Exact exact;
  for (std::size_t i = a.size(); i-- > 0;) {
    const double t = term(wide(a[i]), wide(b[i]));
    exact.value.push_back(exact.value.back() + t);
    exact.magnitude.push_back(exact.magnitude.back() + std::fabs(t));
  }
  return exact;
}

const auto kSquaredDifference = [](double x, double y) { return (x - y) * (x - y); };
const auto kProduct = [](double x, double y) { return x * y; };
const auto kMagnitude = [](double x, double y) { return std::fabs(x - y); };

::testing::AssertionResult within_contract(float got, const Exact& exact, std::size_t dims) {
  const double bound =
      std::ldexp(1.0, -24) * (static_cast<double>(dims) / 4 + 16) * exact.magnitude[dims];
  if (std::fabs(got - exact.value[dims]) <= bound) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "dims " << dims << ": got " << got << ", exact "
                                       << exact.value[dims] << " +- " << bound;
}
::testing::AssertionResult within_contract(std::int32_t got, const Exact& exact, std::size_t dims) {
  if (got == exact.value[dims]) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "dims " << dims << ": got " << got << ", exact " << exact.value[dims];
}

/// A query against rows that all end at a guarded page, and what each measure must give.
template <class T>
class Cases {
 public:
  Cases() {
    const std::vector<T> query = random_row<T>(kLongest, 1);
    for (std::size_t gap = 0; gap < kShifts; ++gap) queries_.emplace_back(query, gap);
    query_norm_ = reference(query, query, kProduct);
    for (std::uint32_t r = 0; r < kRows; ++r) {
      const std::vector<T> row = random_row<T>(kLongest, 2 + r);
      rows_.emplace_back(row, 0);
      l2_.push_back(reference(query, row, kSquaredDifference));
      dot_.push_back(reference(query, row, kProduct));
      l1_.push_back(reference(query, row, kMagnitude));
      norm_.push_back(reference(row, row, kProduct));
    }
  }

  void check(const DistanceKernels<T>& kernels, std::size_t dims) const {
    const T* query = queries_[dims % kShifts].last(dims);  // every alignment to the rows
    const T* rows[kRows];
    for (std::size_t r = 0; r < kRows; ++r) rows[r] = rows_[r].last(dims);
    const std::size_t one = dims % kRows;
    ASSERT_TRUE(within_contract(kernels.l2_squared(query, rows[one], dims), l2_[one], dims));
    ASSERT_TRUE(within_contract(kernels.dot(query, rows[one], dims), dot_[one], dims));
    ASSERT_TRUE(within_contract(kernels.l1(query, rows[one], dims), l1_[one], dims));
    check_norms(kernels.dot_norms(query, rows[one], dims), one, dims);
    check_four(kernels, query, rows, dims);
    if (dims % 16 < 2 || dims < 40) check_many(kernels, query, rows, dims);
  }

 private:
  using Sum = typename DistanceKernels<T>::Sum;
  using Sums = typename DistanceKernels<T>::Sums;

  void check_norms(const Sums& sums, std::size_t row, std::size_t dims) const {
    ASSERT_TRUE(within_contract(sums.dot, dot_[row], dims));
    ASSERT_TRUE(within_contract(sums.norm_a, query_norm_, dims));
    ASSERT_TRUE(within_contract(sums.norm_b, norm_[row], dims));
  }
  void check_four(const DistanceKernels<T>& kernels, const T* query, const T* const* rows,
                  std::size_t dims) const {
    Sum l2[4], dot[4], l1[4];
    Sums sums[4];
    kernels.l2_squared_four(query, rows, dims, l2);
    kernels.dot_four(query, rows, dims, dot);
    kernels.l1_four(query, rows, dims, l1);
    kernels.dot_norms_four(query, rows, dims, sums);
    for (std::size_t r = 0; r < 4; ++r) {
      ASSERT_TRUE(within_contract(l2[r], l2_[r], dims));
      ASSERT_TRUE(within_contract(dot[r], dot_[r], dims));
      ASSERT_TRUE(within_contract(l1[r], l1_[r], dims));
      check_norms(sums[r], r, dims);
    }
  }
  void check_many(const DistanceKernels<T>& kernels, const T* query, const T* const* rows,
                  std::size_t dims) const {
    const std::size_t count = dims % (kRows + 1);
    std::vector<Sum> l2(kRows + 1, -1), dot(kRows + 1, -1), l1(kRows + 1, -1);
    std::vector<Sums> sums(kRows + 1, {-1, -1, -1});
    kernels.l2_squared_many(query, rows, count, dims, l2.data());
    kernels.dot_many(query, rows, count, dims, dot.data());
    kernels.l1_many(query, rows, count, dims, l1.data());
    kernels.dot_norms_many(query, rows, count, dims, sums.data());
    for (std::size_t r = 0; r < count; ++r) {
      ASSERT_TRUE(within_contract(l2[r], l2_[r], dims));
      ASSERT_TRUE(within_contract(dot[r], dot_[r], dims));
      ASSERT_TRUE(within_contract(l1[r], l1_[r], dims));
      check_norms(sums[r], r, dims);
    }
    for (std::size_t r = count; r <= kRows; ++r) {
      ASSERT_TRUE(l2[r] == -1 && dot[r] == -1 && l1[r] == -1 && sums[r].dot == -1)
          << "wrote beyond the rows";
    }
  }

  std::deque<GuardedRow<T>> queries_;
  std::deque<GuardedRow<T>> rows_;
  Exact query_norm_;
  std::vector<Exact> l2_, dot_, l1_, norm_;
};

TEST(Distance, EveryKernelKeepsItsContractAtEveryLength) {
  const Cases<float> floats;
  const Cases<Half> halves;
  const Cases<std::int8_t> bytes;
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    for (std::size_t dims = 0; dims <= kLongest && !HasFatalFailure(); ++dims) {
      floats.check(entry.table->floats, dims);
      halves.check(entry.table->halves, dims);
      bytes.check(entry.table->bytes, dims);
    }
  }
}

/// All results of one query against four rows, three measures and the norms of each.
template <class T>
std::vector<float> all_measures(const DistanceKernels<T>& kernels, const T* query,
                                const T* const* rows, std::size_t dims) {
  std::vector<float> out(12);
  DotNorms sums[4];
  kernels.l2_squared_four(query, rows, dims, out.data());
  kernels.dot_four(query, rows, dims, out.data() + 4);
  kernels.l1_four(query, rows, dims, out.data() + 8);
  kernels.dot_norms_four(query, rows, dims, sums);
  for (int r = 0; r < 4; ++r) {
    out.insert(out.end(), {sums[r].dot, sums[r].norm_b});
    const DotNorms one = kernels.dot_norms(query, rows[r], dims);
    out.insert(out.end(),
               {kernels.l2_squared(query, rows[r], dims), kernels.dot(query, rows[r], dims),
                kernels.l1(query, rows[r], dims), one.dot, one.norm_b});
  }
  return out;
}

template <class T, class Make>
void check_special_values(const DistanceKernels<T>& kernels, Make make) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (std::size_t dims : {1, 7, 16, 33, 64, 70, 257}) {
    for (std::size_t at : {std::size_t{0}, dims / 2, dims - 1}) {
      const std::vector<T> query(dims, make(1.0f));
      std::vector<T> row(dims, make(2.0f));
      const T* rows[4] = {row.data(), row.data(), row.data(), row.data()};
      row[at] = make(infinity);
      for (float x : all_measures(kernels, query.data(), rows, dims)) ASSERT_EQ(x, infinity);
      row[at] = make(std::nanf(""));
      for (float x : all_measures(kernels, query.data(), rows, dims)) ASSERT_TRUE(std::isnan(x));
      const std::vector<T> clean(dims, make(2.0f));
      rows[2] = clean.data();
      float l2[4];
      kernels.l2_squared_four(query.data(), rows, dims, l2);
      ASSERT_EQ(l2[2], static_cast<float>(dims)) << "a NaN of another row";
      ASSERT_TRUE(std::isnan(l2[3]));
    }
  }
}

TEST(Distance, SpecialValuesFollowIeee) {
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    check_special_values(entry.table->floats, [](float x) { return x; });
    check_special_values(entry.table->halves, [](float x) { return to_half(x); });
  }
}

TEST(Distance, SumsBeyondTheRangeAreInfinite) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    const auto& kernels = entry.table->floats;
    for (std::size_t dims : {2, 16, 33, 130}) {
      const std::vector<float> a(dims, 3e38f), b(dims, -3e38f);
      EXPECT_EQ(kernels.l2_squared(a.data(), b.data(), dims), infinity);
      EXPECT_EQ(kernels.dot(a.data(), a.data(), dims), infinity);
      EXPECT_EQ(kernels.dot(a.data(), b.data(), dims), -infinity);
      EXPECT_EQ(kernels.l1(a.data(), b.data(), dims), infinity);
      EXPECT_EQ(kernels.dot_norms(a.data(), b.data(), dims).norm_b, infinity);
    }
  }
}

TEST(Distance, DenormalsAreKept) {
  const float smallest = std::numeric_limits<float>::denorm_min();
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    for (std::size_t dims : {1, 7, 16, 33, 130}) {
      const auto& kernels = entry.table->floats;
      const float n = static_cast<float>(dims);
      const std::vector<float> zero(dims, 0.0f), tiny(dims, smallest), small(dims, 1e-20f);
      EXPECT_EQ(kernels.l1(tiny.data(), zero.data(), dims), n * smallest);
      EXPECT_NEAR(kernels.dot(small.data(), small.data(), dims), n * 1e-40f, n * 2 * smallest);
      EXPECT_NEAR(kernels.l2_squared(small.data(), zero.data(), dims), n * 1e-40f,
                  n * 2 * smallest);
      const std::vector<Half> half_tiny(dims, Half{1}), half_zero(dims, Half{0});
      EXPECT_EQ(entry.table->halves.l1(half_tiny.data(), half_zero.data(), dims),
                n * std::ldexp(1.0f, -24));
    }
  }
}

TEST(Distance, BytesAreExactUpToTheirLimit) {
  constexpr std::size_t kLimit = 33025;
  const std::vector<std::int8_t> low(kLimit, -128), high(kLimit, 127);
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    const auto& kernels = entry.table->bytes;
    for (std::size_t dims : {std::size_t{1}, std::size_t{15999}, kLimit}) {
      const auto n = static_cast<std::int32_t>(dims);
      EXPECT_EQ(kernels.l2_squared(low.data(), high.data(), dims), 255 * 255 * n);
      EXPECT_EQ(kernels.dot(low.data(), high.data(), dims), -128 * 127 * n);
      EXPECT_EQ(kernels.dot(low.data(), low.data(), dims), 128 * 128 * n);
      EXPECT_EQ(kernels.l1(high.data(), low.data(), dims), 255 * n);
      const auto sums = kernels.dot_norms(high.data(), low.data(), dims);
      EXPECT_EQ(sums.dot, -128 * 127 * n);
      EXPECT_EQ(sums.norm_a, 127 * 127 * n);
      EXPECT_EQ(sums.norm_b, 128 * 128 * n);
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

TEST(Distance, OperatorsTakeBytes) {
  const std::int8_t a[] = {1, 2, -128};
  const std::int8_t b[] = {4, 6, -128};
  EXPECT_EQ(operator_distance(Metric::l2_squared, a, b, 3), 5);
  EXPECT_EQ(operator_distance(Metric::inner_product, a, b, 3), -16400);
  EXPECT_EQ(operator_distance(Metric::l1, a, b, 3), 7);
  EXPECT_NEAR(operator_distance(Metric::cosine, a, b, 3), 1 - 16400 / std::sqrt(16389.0 * 16436.0),
              1e-12);
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
  EXPECT_EQ(&distance_kernels<std::int8_t>(), &distance_kernels<std::int8_t>(Isa::scalar));
  EXPECT_EQ(&bit_kernels(), &bit_kernels(Isa::scalar));
  override_isa(best);
  EXPECT_EQ(active_isa(), best);
#if defined(__x86_64__)
  EXPECT_THROW(override_isa(Isa::neon), std::invalid_argument);
#endif
}

}  // namespace
}  // namespace dvecdb::core

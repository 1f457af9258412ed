// Rows that follow one another in memory are read in ways of their own: what comes out must be what
// pairs give. Elements are small whole numbers, so that every sum is exact.

#include <gtest/gtest.h>

#include <random>

#include "dvecdb/distance.h"
#include "tests/unit/core/kernel_cases.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kRows = 27;
constexpr std::size_t kLongest = 1100;

std::vector<std::size_t> lengths() {
  std::vector<std::size_t> out;
  for (std::size_t dims = 0; dims <= 80; ++dims) out.push_back(dims);
  for (std::size_t dims = 96; dims <= kLongest; dims += dims % 64 == 0 ? 61 : 3) {
    out.push_back(dims);
  }
  return out;
}

template <class T>
T element(int x) {
  if constexpr (std::is_same_v<T, Half>) {
    return to_half(static_cast<float>(x));
  } else {
    return static_cast<T>(x);
  }
}

/// All rows of any length, one after another, the last at a guarded page; and a query.
template <class T>
struct Block {
  GuardedRow<T> rows;
  GuardedRow<T> query;

  static std::vector<T> random(std::size_t count, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<T> out(count);
    for (T& x : out) x = element<T>(static_cast<int>(random() % 15) - 7);
    return out;
  }
  Block() : rows(random(kRows * kLongest, 1)), query(random(kLongest, 2)) {}

  /// In order; or but for one that comes twice; or from the last to the first.
  std::vector<const T*> in_order(std::size_t dims) const {
    std::vector<const T*> out;
    for (std::size_t r = 0; r < kRows; ++r) out.push_back(rows.last(kRows * dims) + r * dims);
    return out;
  }
  template <class Check>
  void each_order(std::size_t dims, Check check) const {
    std::vector<const T*> order = in_order(dims);
    check(order);
    order[10] = order[3];
    check(order);
    check(std::vector<const T*>(order.rbegin(), order.rend()));
  }
};

bool same(const BitOverlap& a, const BitOverlap& b) {
  return a.both == b.both && a.a == b.a && a.b == b.b;
}
template <class Sum>
bool same(const CosineSums<Sum>& a, const CosineSums<Sum>& b) {
  return a.dot == b.dot && a.norm_a == b.norm_a && a.norm_b == b.norm_b;
}
template <class Number>
bool same(Number a, Number b) {
  return a == b;
}

template <class T, class Result>
void check_measure(typename MeasureForms<T, Result>::One one,
                   typename MeasureForms<T, Result>::Many many, const Block<T>& block) {
  for (std::size_t dims : lengths()) {
    const T* query = block.query.last(dims);
    block.each_order(dims, [&](const std::vector<const T*>& rows) {
      std::vector<Result> out(kRows);
      many(query, rows.data(), kRows, dims, out.data());
      for (std::size_t r = 0; r < kRows; ++r) {
        ASSERT_TRUE(same(out[r], one(query, rows[r], dims))) << "row " << r << ", length " << dims;
      }
    });
    if (::testing::Test::HasFatalFailure()) return;
  }
}

template <class T>
void check_kernels(const DistanceKernels<T>& kernels) {
  using Kernels = DistanceKernels<T>;
  const Block<T> block;
  check_measure<T, typename Kernels::Sum>(kernels.l2_squared, kernels.l2_squared_many, block);
  check_measure<T, typename Kernels::Sum>(kernels.dot, kernels.dot_many, block);
  check_measure<T, typename Kernels::Sum>(kernels.l1, kernels.l1_many, block);
  check_measure<T, typename Kernels::Sums>(kernels.dot_norms, kernels.dot_norms_many, block);
}

TEST(RowsInOrder, GiveWhatPairsGive) {
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    check_kernels(entry.table->floats);
    check_kernels(entry.table->halves);
    check_kernels(entry.table->bytes);
    const Block<std::uint8_t> block;
    const BitKernels& bits = entry.table->bits;
    check_measure<std::uint8_t, std::uint64_t>(bits.hamming, bits.hamming_many, block);
    check_measure<std::uint8_t, BitOverlap>(bits.overlap, bits.overlap_many, block);
  }
}

}  // namespace
}  // namespace dvecdb::core

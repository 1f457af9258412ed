#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "dvecdb/distance.h"
#include "tests/unit/core/kernel_cases.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kLongest = 2100;  // bytes
constexpr std::size_t kRows = 6;

std::vector<std::uint8_t> random_bytes(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> row(kLongest);
  for (std::uint8_t& x : row) x = static_cast<std::uint8_t>(random());
  return row;
}

std::uint64_t ones(unsigned byte) {
  std::uint64_t count = 0;
  for (; byte != 0; byte >>= 1) count += byte & 1;
  return count;
}

/// Counts over the last bytes of two rows, by how many they are.
struct Exact {
  std::vector<std::uint64_t> differ{0};
  std::vector<BitOverlap> overlap{{0, 0, 0}};
};

Exact reference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  Exact exact;
  for (std::size_t i = a.size(); i-- > 0;) {
    const unsigned x = a[i];
    const unsigned y = b[i];
    const BitOverlap last = exact.overlap.back();
    exact.differ.push_back(exact.differ.back() + ones(x ^ y));
    exact.overlap.push_back({last.both + ones(x & y), last.a + ones(x), last.b + ones(y)});
  }
  return exact;
}

void expect_equal(const BitOverlap& got, const BitOverlap& exact) {
  ASSERT_EQ(got.both, exact.both);
  ASSERT_EQ(got.a, exact.a);
  ASSERT_EQ(got.b, exact.b);
}

class BitCases {
 public:
  BitCases() {
    const std::vector<std::uint8_t> query = random_bytes(1);
    for (std::size_t gap = 0; gap < 3; ++gap) queries_.emplace_back(query, gap);
    for (std::uint32_t r = 0; r < kRows; ++r) {
      const std::vector<std::uint8_t> row = random_bytes(2 + r);
      rows_.emplace_back(row);
      exact_.push_back(reference(query, row));
    }
  }

  void check(const BitKernels& kernels, std::size_t bytes) const {
    const std::uint8_t* query = queries_[bytes % 3].last(bytes);
    const std::uint8_t* rows[kRows];
    for (std::size_t r = 0; r < kRows; ++r) rows[r] = rows_[r].last(bytes);
    std::uint64_t four[4], many[kRows];
    BitOverlap overlap_four[4], overlap_many[kRows];
    kernels.hamming_four(query, rows, bytes, four);
    kernels.overlap_four(query, rows, bytes, overlap_four);
    const std::size_t count = bytes % (kRows + 1);
    kernels.hamming_many(query, rows, count, bytes, many);
    kernels.overlap_many(query, rows, count, bytes, overlap_many);
    for (std::size_t r = 0; r < 4; ++r) {
      ASSERT_EQ(four[r], exact_[r].differ[bytes]) << bytes;
      expect_equal(overlap_four[r], exact_[r].overlap[bytes]);
      ASSERT_EQ(kernels.hamming(query, rows[r], bytes), exact_[r].differ[bytes]) << bytes;
      expect_equal(kernels.overlap(query, rows[r], bytes), exact_[r].overlap[bytes]);
    }
    for (std::size_t r = 0; r < count; ++r) {
      ASSERT_EQ(many[r], exact_[r].differ[bytes]) << bytes;
      expect_equal(overlap_many[r], exact_[r].overlap[bytes]);
    }
  }

 private:
  std::deque<GuardedRow<std::uint8_t>> queries_;
  std::deque<GuardedRow<std::uint8_t>> rows_;
  std::vector<Exact> exact_;
};

TEST(BitDistance, EveryKernelCountsExactlyAtEveryLength) {
  const BitCases cases;
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    for (std::size_t bytes = 0; bytes <= kLongest && !HasFatalFailure(); ++bytes) {
      cases.check(entry.table->bits, bytes);
    }
  }
}

TEST(BitDistance, LongRowsOfOnesDoNotOverflow) {
  const std::vector<std::uint8_t> all(100'000, 0xff), none(100'000, 0);
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    EXPECT_EQ(entry.table->bits.hamming(all.data(), none.data(), all.size()), 800'000u);
    EXPECT_EQ(entry.table->bits.overlap(all.data(), all.data(), all.size()).both, 800'000u);
  }
}

TEST(BitDistance, Metrics) {
  const std::uint8_t a[] = {0b11110000, 0b1};
  const std::uint8_t b[] = {0b11000011, 0b1};
  const std::uint8_t none[] = {0, 0};
  EXPECT_EQ(bit_distance(BitMetric::hamming, a, b, 2), 4);
  EXPECT_DOUBLE_EQ(bit_distance(BitMetric::jaccard, a, b, 2), 1 - 3.0 / 7);
  EXPECT_EQ(bit_distance(BitMetric::jaccard, a, none, 2), 1);
  EXPECT_EQ(bit_distance(BitMetric::jaccard, none, none, 2), 1);
}

}  // namespace
}  // namespace dvecdb::core

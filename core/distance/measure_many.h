#pragma once

// One query against many rows, which come from memory: what is asked for ahead, and in what order
// rows are read.

#include "core/distance/measure.h"

namespace dvecdb::core {
namespace {

/// How far ahead memory that is read in order is prefetched.
constexpr std::size_t kAheadInOrder = 4096;
/// Rows of no more than a line are four almost in order however they are read.
constexpr std::size_t kShortRow = 64;
/// And scattered rows, so that memory always has requests to answer.
constexpr std::size_t kAheadScattered = 8192;

inline void prefetch_row(const void* row, std::size_t bytes) {
  const char* p = static_cast<const char*>(row);
  for (std::size_t at = 0; at < bytes; at += 64) prefetch(p + at);
}

/// Rows that follow one another in memory are read one after another, since walking four side by
/// side misleads the machine's own prefetching; what is of the query alone is taken with the first.
template <class Op, int Steps, int Chains, class Query>
void measure_four_in_order(const Query* query, const typename Op::Element* const* rows,
                           std::size_t dims, typename Op::Result* out) {
  typename Op::Sums sums[4];
  typename Op::Shared shared;
  unroll<4>([&](auto r) __attribute__((always_inline)) {
    Accumulators<Op, 1, Chains> all;
    add_up<Op, 1, Steps, kAheadInOrder>(query, rows + r.value, dims, all);
    sums[r.value] = all.sums[0][0];
    if constexpr (r.value == 0) shared = all.shared[0];
  });
  Op::finish_four(sums, shared, out);
}

template <class Op, class Query>
void measure_rows(const Query* query, const typename Op::Element* const* rows, std::size_t count,
                  std::size_t dims, typename Op::Result* out) {
  const std::size_t bytes = dims * sizeof(typename Op::Element);
  const std::size_t ahead = 4 + kAheadScattered / (bytes + 64);
  const auto in_order = [&](std::size_t i) { return rows[i] + 3 * dims == rows[i + 3]; };
  if (count >= 4 && !in_order(0)) {
    for (std::size_t i = 0; i < ahead && i < count; ++i) prefetch_row(rows[i], bytes);
  }
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const bool four_in_order = in_order(i);
    if (four_in_order && bytes > kShortRow) {
      if (is_short<Op>(dims)) {
        measure_four_in_order<Op, 1, 1>(query, rows + i, dims, out + i);
      } else {
        measure_four_in_order<Op, kSteps, Op::chains>(query, rows + i, dims, out + i);
      }
      continue;
    }
    if (four_in_order) {
      prefetch_row(reinterpret_cast<const char*>(rows[i]) + kAheadInOrder, 4 * bytes);
    } else {
      for (std::size_t next = i + ahead; next < i + ahead + 4 && next < count; ++next) {
        prefetch_row(rows[next], bytes);
      }
    }
    measure<Op, 4, Op::chains_four, Op::chains_four>(query, rows + i, dims, out + i);
  }
  for (; i < count; ++i) measure<Op, 1, kSteps, Op::chains>(query, rows + i, dims, out + i);
}

/// Eight rows that follow one another.
template <class Op>
[[gnu::always_inline]] inline void measure_packed_in_order(typename Op::Register x,
                                                           const typename Op::Element* rows,
                                                           typename Op::Result* out) {
  typename Op::Shared shared;
  typename Op::Sums sums[2];
  Op::zero(shared);
  Op::query(x, shared);
  for (std::size_t half = 0; half < 2; ++half) {
    Op::zero(sums[half]);
    Op::step(x, Op::load(rows + half * Op::lanes), sums[half]);
  }
  Op::finish_packed(sums, shared, out);
}

template <class Op>
void measure_packed_rows(const typename Op::Element* query, const typename Op::Element* const* rows,
                         std::size_t count, typename Op::Result* out) {
  constexpr std::size_t kAheadRows = 32;
  constexpr std::size_t dims = Op::Arithmetic::packed;
  const typename Op::Register x = Op::Arithmetic::repeat(query);
  std::size_t i = 0;
  while (i + 4 <= count) {
    if (i + 8 <= count && Op::Arithmetic::in_order(rows + i)) {
      prefetch_row(rows[i] + kAheadInOrder, 8 * dims);
      measure_packed_in_order<Op>(x, rows[i], out + i);
      i += 8;
      continue;
    }
    if (i + kAheadRows + 4 <= count) {
      for (std::size_t r = 0; r < 4; ++r) prefetch(rows[i + kAheadRows + r]);
    }
    measure_packed<Op>(x, rows + i, out + i);
    i += 4;
  }
  for (; i < count; ++i) measure<Op, 1, kSteps, Op::chains>(query, rows + i, dims, out + i);
}

/// Made for rows that come from memory, not for those of a block in cache. Where elements must be
/// widened, those of the query are once.
template <class Op>
void measure_many(const typename Op::Element* query, const typename Op::Element* const* rows,
                  std::size_t count, std::size_t dims, typename Op::Result* out) {
  if constexpr (requires { typename Op::Wide; }) {
    constexpr std::size_t kMost = 4096;
    if (dims <= kMost && count >= 4) {
      alignas(64) typename Op::Wide wide[kMost + 64];
      Op::widen(query, dims, wide);
      return measure_rows<Op>(wide, rows, count, dims, out);
    }
  }
  if constexpr (packs<Op>()) {
    if (dims == Op::Arithmetic::packed) {
      return measure_packed_rows<Op>(query, rows, count, out);
    }
  }
  measure_rows<Op>(query, rows, count, dims, out);
}

}  // namespace
}  // namespace dvecdb::core

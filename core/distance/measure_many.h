#pragma once

// One query against many rows, which come from memory: what is asked for ahead, and in what order
// rows are read.

#include "core/distance/measure.h"

namespace dvecdb::core {
namespace {

/// How far ahead in bytes memory that is read in order is prefetched. Narrow elements take more
/// instructions a byte, which lets fewer lines be asked for by the loads themselves.
template <class Element>
constexpr std::size_t kAheadInOrder = sizeof(Element) == 4 ? 2048 : 6144;
/// And scattered rows, so that memory always has requests to answer, and rows of a line or less.
constexpr std::size_t kAheadScattered = 8192;
/// Rows of no more than a line are four almost in order however they are read.
constexpr std::size_t kShortRow = 64;

inline void prefetch_row(const void* row, std::size_t bytes) {
  const char* p = static_cast<const char*>(row);
  for (std::size_t at = 0; at < bytes; at += 64) prefetch(p + at);
}

/// What is of the query alone.
template <class Op, class Query>
typename Op::Shared shared_of(const Query* query, const typename Op::Element* row,
                              std::size_t dims) {
  Accumulators<Op, 1, 1> all;
  add_up<Op, 1, 1, 0>(query, &row, dims, all);
  return all.shared[0];
}

/// Rows that follow one another in memory are read one after another, all by the same few loads:
/// the machine's own prefetching learns from steady strides, and is misled by four rows side by
/// side.
template <class Op, class Query>
void measure_four_in_order(const Query* query, const typename Op::Shared& shared,
                           const typename Op::Element* const* rows, std::size_t dims,
                           typename Op::Result* out) {
  using Element = typename Op::Element;
  constexpr int steps = Op::lanes * sizeof(Element) >= 64 ? 2 : kSteps;
  constexpr int chains = Op::chains < steps ? Op::chains : steps;
  typename Op::Sums sums[4];
#pragma GCC unroll 1
  for (int r = 0; r < 4; ++r) {
    Accumulators<Op, 1, chains> all;
    add_up<Op, 1, steps, kAheadInOrder<Element>>(query, rows + r, dims, all);
    sums[r] = all.sums[0][0];
  }
  Op::finish_four(sums, shared, out);
}

template <class Op, class Query>
void measure_rows(const Query* query, const typename Op::Element* const* rows, std::size_t count,
                  std::size_t dims, typename Op::Result* out) {
  const std::size_t bytes = dims * sizeof(typename Op::Element);
  const std::size_t ahead = 4 + kAheadScattered / (bytes + 64);
  const auto in_order = [&](std::size_t i) { return rows[i] + 3 * dims == rows[i + 3]; };
  if (count == 0) return;
  if (count >= 4 && !in_order(0)) {
    for (std::size_t i = 0; i < ahead && i < count; ++i) prefetch_row(rows[i], bytes);
  }
  const typename Op::Shared shared = shared_of<Op>(query, rows[0], dims);
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const bool four_in_order = in_order(i);
    if (four_in_order && bytes > kShortRow) {
      measure_four_in_order<Op>(query, shared, rows + i, dims, out + i);
      continue;
    }
    if (four_in_order) {
      prefetch_row(reinterpret_cast<const char*>(rows[i]) + kAheadScattered, 4 * bytes);
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
      prefetch_row(rows[i] + kAheadScattered, 8 * dims);
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

#pragma once

// How every measure runs over its elements, whatever they are: an `Op` says what one term is.
//
//   Element, Result     of the caller
//   Register, lanes     what one load takes: load(p), load_part(p, n) with zeros beyond n
//   Sums                of one row: zero(sums), step(x, y, sums), add(sums, more)
//   Shared              of the query alone, taken once for all rows: zero, query(x, shared), add
//   finish(sums, shared, out), finish_four(sums[4], shared, out)
//   unroll, unroll_four partial sums of a row: enough independent chains to hide the latency of
//                       an addition, few enough for the registers

#include <cstddef>

namespace dvecdb::core {
namespace {

/// For an Op whose terms all need a row.
struct Nothing {};

template <class Op, int R, int U>
struct Accumulators {
  typename Op::Sums sums[U][R];
  typename Op::Shared shared[U];

  Accumulators() {
    for (int u = 0; u < U; ++u) {
      for (int r = 0; r < R; ++r) Op::zero(sums[u][r]);
      Op::zero(shared[u]);
    }
  }
  void gather() {
    for (int stride = U / 2; stride > 0; stride /= 2) {
      for (int u = 0; u < stride; ++u) {
        for (int r = 0; r < R; ++r) Op::add(sums[u][r], sums[u + stride][r]);
        Op::add(shared[u], shared[u + stride]);
      }
    }
  }
};

template <class Op, int R, int U>
inline void measure(const typename Op::Element* query, const typename Op::Element* const* rows,
                    std::size_t dims, typename Op::Result* out) {
  const typename Op::Element* row[R];
  for (int r = 0; r < R; ++r) row[r] = rows[r];
  Accumulators<Op, R, U> all;
  const auto step = [&](int u, std::size_t at) __attribute__((always_inline)) {
    const typename Op::Register x = Op::load(query + at);
    Op::query(x, all.shared[u]);
    for (int r = 0; r < R; ++r) Op::step(x, Op::load(row[r] + at), all.sums[u][r]);
  };
  std::size_t i = 0;
  for (; i + U * Op::lanes <= dims; i += U * Op::lanes) {
    for (int u = 0; u < U; ++u) step(u, i + static_cast<std::size_t>(u) * Op::lanes);
  }
  for (int u = 0; u + 1 < U && i + Op::lanes <= dims; ++u, i += Op::lanes) step(u, i);
  if (i < dims) {
    const std::size_t rest = dims - i;
    const typename Op::Register x = Op::load_part(query + i, rest);
    Op::query(x, all.shared[U - 1]);
    for (int r = 0; r < R; ++r) {
      Op::step(x, Op::load_part(row[r] + i, rest), all.sums[U - 1][r]);
    }
  }
  all.gather();
  if constexpr (R == 1) {
    Op::finish(all.sums[0][0], all.shared[0], out);
  } else {
    Op::finish_four(all.sums[0], all.shared[0], out);
  }
}

template <class Op>
typename Op::Result measure_one(const typename Op::Element* a, const typename Op::Element* b,
                                std::size_t dims) {
  typename Op::Result out;
  measure<Op, 1, Op::unroll>(a, &b, dims, &out);
  return out;
}

template <class Op>
void measure_four(const typename Op::Element* query, const typename Op::Element* const* rows,
                  std::size_t dims, typename Op::Result* out) {
  measure<Op, 4, Op::unroll_four>(query, rows, dims, out);
}

/// Rows to come are prefetched this far ahead, so that memory always has requests to answer.
constexpr std::size_t kAheadBytes = 4096;

template <class T>
inline void prefetch_row(const T* row, std::size_t dims) {
  const char* p = reinterpret_cast<const char*>(row);
  const std::size_t bytes = dims * sizeof(T);
  for (std::size_t at = 0; at < bytes; at += 64) __builtin_prefetch(p + at);
}

template <class Op>
void measure_many(const typename Op::Element* query, const typename Op::Element* const* rows,
                  std::size_t count, std::size_t dims, typename Op::Result* out) {
  const std::size_t ahead = 4 + kAheadBytes / (dims * sizeof(typename Op::Element) + 64);
  for (std::size_t i = 0; i < ahead && i < count; ++i) prefetch_row(rows[i], dims);
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (std::size_t next = i + ahead; next < i + ahead + 4 && next < count; ++next) {
      prefetch_row(rows[next], dims);
    }
    measure_four<Op>(query, rows + i, dims, out + i);
  }
  for (; i < count; ++i) out[i] = measure_one<Op>(query, rows[i], dims);
}

}  // namespace
}  // namespace dvecdb::core

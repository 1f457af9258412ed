#pragma once

// How every measure runs over its elements, whatever they are: an `Op` says what one term is.
//
//   Element, Result     of the caller
//   Register, lanes     what one load takes: load(p), load_part(p, n) with zeros beyond n
//   Sums                of one row: zero(sums), step(x, y, sums), add(sums, more)
//   Shared              of the query alone, taken once for all rows: zero, query(x, shared), add
//   Wide, widen(query, dims, wide)
//                       where elements are widened: in what form a query is kept for many rows, to
//                       be loaded likewise; with zeros after it to fill a register
//   finish(sums, shared, out), finish_four(sums[4], shared, out)
//   unroll, unroll_four partial sums of a row: enough independent chains to hide the latency of
//                       an addition, few enough for the registers

#include <cstddef>
#include <utility>

namespace dvecdb::core {
namespace {

/// For an Op whose terms all need a row.
struct Nothing {};

/// Calls f(Number<0>{}) to f(Number<N - 1>{}): loops whose counters are constants, so that the
/// arrays they index stay in registers.
template <int I>
struct Number {
  static constexpr int value = I;
};
template <class F, int... I>
[[gnu::always_inline]] inline void unroll(std::integer_sequence<int, I...>, [[maybe_unused]] F f) {
  (f(Number<I>{}), ...);
}
template <int N, class F>
[[gnu::always_inline]] inline void unroll(F f) {
  unroll(std::make_integer_sequence<int, N>{}, f);
}

/// U partial sums of each of R rows.
template <class Op, int R, int U>
struct Accumulators {
  typename Op::Sums sums[U][R];
  typename Op::Shared shared[U];

  [[gnu::always_inline]] Accumulators() {
    unroll<U>([&](auto u) __attribute__((always_inline)) {
      unroll<R>([&](auto r) __attribute__((always_inline)) { Op::zero(sums[u.value][r.value]); });
      Op::zero(shared[u.value]);
    });
  }
  template <int Stride = U / 2>
  [[gnu::always_inline]] void gather() {
    if constexpr (Stride > 0) {
      unroll<Stride>([&](auto u) __attribute__((always_inline)) {
        constexpr int from = u.value + Stride;
        unroll<R>([&](auto r) __attribute__((always_inline)) {
          Op::add(sums[u.value][r.value], sums[from][r.value]);
        });
        Op::add(shared[u.value], shared[from]);
      });
      gather<Stride / 2>();
    }
  }
};

/// Keeps a vector that was loaded in its register. Where it is used twice, compilers make each use
/// load it again, and loads are what binds.
template <class Register>
[[gnu::always_inline]] inline void hold([[maybe_unused]] Register& x) {
#if defined(__AVX2__)
  if constexpr (sizeof(Register) >= 32 && !__is_class(Register)) asm("" : "+v"(x));
#endif
}

/// Into the second cache: the first one's few outstanding misses would halve the rate.
[[gnu::always_inline]] inline void prefetch(const void* p) {
  __builtin_prefetch(p, 0, 2);
}

/// With `Ahead`, prefetches as many bytes ahead of what it reads of the first row.
template <class Op, int R, int U, std::size_t Ahead = 0, class Query>
[[gnu::always_inline]] inline void measure(const Query* query,
                                           const typename Op::Element* const* rows,
                                           std::size_t dims, typename Op::Result* out) {
  const typename Op::Element* row[R];
  unroll<R>([&](auto r) __attribute__((always_inline)) { row[r.value] = rows[r.value]; });
  Accumulators<Op, R, U> all;
  const auto step = [&](auto u, std::size_t at) __attribute__((always_inline)) {
    typename Op::Register x = Op::load(query + at);
    hold(x);
    Op::query(x, all.shared[u.value]);
    unroll<R>([&](auto r) __attribute__((always_inline)) {
      Op::step(x, Op::load(row[r.value] + at), all.sums[u.value][r.value]);
    });
  };
  std::size_t i = 0;
  for (; i + U * Op::lanes <= dims; i += U * Op::lanes) {
    unroll<U>([&](auto u) __attribute__((always_inline)) {
      constexpr std::size_t at = u.value * Op::lanes;
      if constexpr (Ahead != 0 && at * sizeof(typename Op::Element) % 64 == 0) {
        prefetch(reinterpret_cast<const char*>(row[0] + i + at) + Ahead);
      }
      step(u, i + at);
    });
  }
  unroll<U - 1>([&](auto u) __attribute__((always_inline)) {
    if (i + Op::lanes > dims) return;
    step(u, i);
    i += Op::lanes;
  });
  if (i < dims) {
    const std::size_t rest = dims - i;
    const typename Op::Register x = Op::load_part(query + i, rest);
    Op::query(x, all.shared[U - 1]);
    unroll<R>([&](auto r) __attribute__((always_inline)) {
      Op::step(x, Op::load_part(row[r.value] + i, rest), all.sums[U - 1][r.value]);
    });
  }
  all.gather();
  if constexpr (R == 1) {
    Op::finish(all.sums[0][0], all.shared[0], out);
  } else {
    Op::finish_four(all.sums[0], all.shared[0], out);
  }
}

/// Whether rows may be so short that four of them fill one register.
template <class Op>
constexpr bool packs() {
  return requires {
    Op::Arithmetic::packed;
  };
}

/// `x` holds the query four times.
template <class Op>
[[gnu::always_inline]] inline void measure_packed(typename Op::Register x,
                                                  const typename Op::Element* const* rows,
                                                  typename Op::Result* out) {
  Accumulators<Op, 1, 1> all;
  Op::query(x, all.shared[0]);
  Op::step(x, Op::Arithmetic::load_packed(rows), all.sums[0][0]);
  Op::finish_packed(all.sums[0][0], all.shared[0], out);
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
  if constexpr (packs<Op>()) {
    if (dims == Op::Arithmetic::packed) {
      return measure_packed<Op>(Op::Arithmetic::repeat(query), rows, out);
    }
  }
  measure<Op, 4, Op::unroll_four>(query, rows, dims, out);
}

/// Where rows follow one another in memory, those of at least kLongRow bytes are measured one
/// after another, since walking four side by side misleads the machine's own prefetching; those
/// of less than kShortRow are four almost in order, and left to it.
constexpr std::size_t kLongRow = 512;
constexpr std::size_t kShortRow = 256;
/// How far ahead memory that is read in order is prefetched, which is best within a page.
constexpr std::size_t kAheadInOrder = 2048;
/// And scattered rows, so that memory always has requests to answer.
constexpr std::size_t kAheadScattered = 8192;

inline void prefetch_row(const void* row, std::size_t bytes) {
  const char* p = static_cast<const char*>(row);
  for (std::size_t at = 0; at < bytes; at += 64) prefetch(p + at);
}

template <class Op, class Query>
void measure_four_in_order(const Query* query, const typename Op::Element* const* rows,
                           std::size_t dims, typename Op::Result* out) {
  if (dims * sizeof(typename Op::Element) < kLongRow) {
    return measure<Op, 4, Op::unroll_four>(query, rows, dims, out);
  }
  for (int r = 0; r < 4; ++r) {
    measure<Op, 1, Op::unroll, kAheadInOrder>(query, rows + r, dims, out + r);
  }
}

template <class Op, class Query>
void measure_rows(const Query* query, const typename Op::Element* const* rows, std::size_t count,
                  std::size_t dims, typename Op::Result* out) {
  const std::size_t bytes = dims * sizeof(typename Op::Element);
  const std::size_t ahead = 4 + kAheadScattered / (bytes + 64);
  const bool middling = bytes >= kShortRow && bytes < kLongRow;
  const auto in_order = [&](std::size_t i) {
    return !middling && rows[i] + 3 * dims == rows[i + 3];
  };
  if (count >= 4 && !in_order(0)) {
    for (std::size_t i = 0; i < ahead && i < count; ++i) prefetch_row(rows[i], bytes);
  }
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    if (in_order(i)) {
      measure_four_in_order<Op>(query, rows + i, dims, out + i);
      continue;
    }
    for (std::size_t next = i + ahead; next < i + ahead + 4 && next < count; ++next) {
      prefetch_row(rows[next], bytes);
    }
    measure<Op, 4, Op::unroll_four>(query, rows + i, dims, out + i);
  }
  for (; i < count; ++i) measure<Op, 1, Op::unroll>(query, rows + i, dims, out + i);
}

template <class Op>
void measure_packed_rows(const typename Op::Element* query, const typename Op::Element* const* rows,
                         std::size_t count, typename Op::Result* out) {
  constexpr std::size_t kAheadRows = 32;
  constexpr std::size_t dims = Op::Arithmetic::packed;
  const typename Op::Register x = Op::Arithmetic::repeat(query);
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    if (rows[i] + 3 * dims == rows[i + 3]) {
      prefetch(rows[i] + kAheadInOrder);
    } else if (i + kAheadRows + 4 <= count) {
      for (std::size_t r = 0; r < 4; ++r) prefetch(rows[i + kAheadRows + r]);
    }
    measure_packed<Op>(x, rows + i, out + i);
  }
  for (; i < count; ++i) measure<Op, 1, Op::unroll>(query, rows + i, dims, out + i);
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

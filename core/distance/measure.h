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
//   chains, chains_four partial sums of a row, alone and when four are measured: enough to hide
//                       the latency of an addition, few enough for the registers

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

/// Steps of a loop over one row.
constexpr int kSteps = 4;

/// `Chains` partial sums of each of R rows.
template <class Op, int R, int Chains>
struct Accumulators {
  typename Op::Sums sums[Chains][R];
  typename Op::Shared shared[Chains];

  [[gnu::always_inline]] Accumulators() {
    unroll<Chains>([&](auto u) __attribute__((always_inline)) {
      unroll<R>([&](auto r) __attribute__((always_inline)) { Op::zero(sums[u.value][r.value]); });
      Op::zero(shared[u.value]);
    });
  }
  template <int Stride = Chains / 2>
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

/// Adds up the terms of R rows, and what is of the query alone. With `Ahead`, prefetches as many
/// bytes ahead of what it reads of the first row.
template <class Op, int R, int Steps, std::size_t Ahead, int Chains, class Query>
[[gnu::always_inline]] inline void add_up(const Query* query,
                                          const typename Op::Element* const* rows, std::size_t dims,
                                          Accumulators<Op, R, Chains>& all) {
  const typename Op::Element* row[R];
  unroll<R>([&](auto r) __attribute__((always_inline)) { row[r.value] = rows[r.value]; });
  const auto look_ahead = [&](auto u, std::size_t at) __attribute__((always_inline)) {
    if constexpr (Ahead != 0 && u.value * Op::lanes * sizeof(typename Op::Element) % 64 == 0) {
      prefetch(reinterpret_cast<const char*>(row[0] + at) + Ahead);
    }
  };
  const auto step = [&](auto u, std::size_t at) __attribute__((always_inline)) {
    constexpr int chain = u.value % Chains;
    look_ahead(u, at);
    typename Op::Register x = Op::load(query + at);
    hold(x);
    Op::query(x, all.shared[chain]);
    unroll<R>([&](auto r) __attribute__((always_inline)) {
      Op::step(x, Op::load(row[r.value] + at), all.sums[chain][r.value]);
    });
  };
  std::size_t i = 0;
  for (; i + Steps * Op::lanes <= dims; i += Steps * Op::lanes) {
    unroll<Steps>([&](auto u) __attribute__((always_inline)) { step(u, i + u.value * Op::lanes); });
  }
  unroll<Steps - 1>([&](auto u) __attribute__((always_inline)) {
    if (i + Op::lanes > dims) return;
    step(u, i);
    i += Op::lanes;
  });
  if (i < dims) {
    const std::size_t rest = dims - i;
    look_ahead(Number<0>{}, i);
    const typename Op::Register x = Op::load_part(query + i, rest);
    Op::query(x, all.shared[Chains - 1]);
    unroll<R>([&](auto r) __attribute__((always_inline)) {
      Op::step(x, Op::load_part(row[r.value] + i, rest), all.sums[Chains - 1][r.value]);
    });
  }
  all.gather();
}

template <class Op, int R, int Steps, int Chains, class Query>
[[gnu::always_inline]] inline void measure(const Query* query,
                                           const typename Op::Element* const* rows,
                                           std::size_t dims, typename Op::Result* out) {
  Accumulators<Op, R, Chains> all;
  add_up<Op, R, Steps, 0>(query, rows, dims, all);
  if constexpr (R == 1) {
    Op::finish(all.sums[0][0], all.shared[0], out);
  } else {
    Op::finish_four(all.sums[0], all.shared[0], out);
  }
}

/// Whether a row is too short for a loop of kSteps, whose jumps and empty partial sums would weigh
/// more than the row.
template <class Op>
bool is_short(std::size_t dims) {
  return dims < kSteps * Op::lanes;
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
  if (is_short<Op>(dims)) {
    measure<Op, 1, 1, 1>(a, &b, dims, &out);
  } else {
    measure<Op, 1, kSteps, Op::chains>(a, &b, dims, &out);
  }
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
  measure<Op, 4, Op::chains_four, Op::chains_four>(query, rows, dims, out);
}

}  // namespace
}  // namespace dvecdb::core

#pragma once

// What is measured: Ops (measure.h) made of an arithmetic and a term. An arithmetic `A` is what an
// instruction set makes of one kind of element:
//
//   Element, Scalar          the caller's element and the type of a sum
//   Register, Sum, lanes     elements that one load takes; partial sums
//   load, load_part          the latter with zeros beyond n
//   zero, add, sum, sum_four of partial sums; sum_four takes those of four rows
//   squared_difference, product, difference
//                            add a term to a sum: (x, y, sum)
//   Wide, store              where elements are widened, in what a query may be kept so for many
//                            rows: load and load_part take it too
//   packed, repeat, load_packed, sum_packed
//                            where four rows of `packed` elements fill one register
//   in_order                 whether eight such rows follow one another, to be loaded as two
//   chains, chains_four      partial sums of a row, alone and when four are measured

#include "core/distance/measure.h"
#include "dvecdb/distance.h"

namespace dvecdb::core {
namespace {

/// What float and Half have in common: the floats of S.
template <class S>
struct FloatArithmetic : S {
  using Scalar = float;
  using Register = typename S::Float;
  using Sum = typename S::Float;

  static Sum squared_difference(Register x, Register y, Sum sum) {
    const Register d = S::sub(x, y);
    return S::fma(d, d, sum);
  }
  static Sum product(Register x, Register y, Sum sum) { return S::fma(x, y, sum); }
  static Sum difference(Register x, Register y, Sum sum) {
    return S::add(S::abs(S::sub(x, y)), sum);
  }
};

template <class S>
struct Floats : FloatArithmetic<S> {
  using Element = float;
};

template <class S>
struct Halves : FloatArithmetic<S> {
  using Element = Half;
  using Wide = float;
};

// ---- terms

struct SquaredDifference {
  template <class A>
  static void step(typename A::Register x, typename A::Register y, typename A::Sum& sum) {
    sum = A::squared_difference(x, y, sum);
  }
};

struct Product {
  template <class A>
  static void step(typename A::Register x, typename A::Register y, typename A::Sum& sum) {
    sum = A::product(x, y, sum);
  }
};

struct Difference {
  template <class A>
  static void step(typename A::Register x, typename A::Register y, typename A::Sum& sum) {
    sum = A::difference(x, y, sum);
  }
};

// ---- Ops

/// What an Op says of a widened query, if its arithmetic has a form for it.
template <class A>
struct WideOf {};
template <class A>
requires requires {
  typename A::Wide;
}
struct WideOf<A> {
  using Wide = typename A::Wide;
  static void widen(const typename A::Element* query, std::size_t dims, Wide* wide) {
    std::size_t i = 0;
    for (; i + A::lanes <= dims; i += A::lanes) A::store(wide + i, A::load(query + i));
    if (i < dims) A::store(wide + i, A::load_part(query + i, dims - i));
  }
};

/// One sum.
template <class A, class Term>
struct SumOf : WideOf<A> {
  using Arithmetic = A;
  using Element = typename A::Element;
  using Result = typename A::Scalar;
  using Register = typename A::Register;
  using Sums = typename A::Sum;
  using Shared = Nothing;
  static constexpr std::size_t lanes = A::lanes;
  static constexpr int chains = A::chains;
  static constexpr int chains_four = A::chains_four;

  template <class From>
  static Register load(const From* p) {
    return A::load(p);
  }
  template <class From>
  static Register load_part(const From* p, std::size_t n) {
    return A::load_part(p, n);
  }
  static void zero(Sums& sum) { sum = A::zero(); }
  static void zero(Nothing&) {}
  static void query(Register, Nothing&) {}
  static void step(Register x, Register y, Sums& sum) { Term::template step<A>(x, y, sum); }
  static void add(Sums& sum, Sums more) { sum = A::add(sum, more); }
  static void add(Nothing&, Nothing) {}
  static void finish(Sums sum, Nothing, Result* out) { *out = A::sum(sum); }
  static void finish_four(const Sums (&sums)[4], Nothing, Result* out) { A::sum_four(sums, out); }
  static void finish_packed(const Sums& sums, Nothing, Result* out) { A::sum_packed(sums, out); }
  static void finish_packed(const Sums (&sums)[2], Nothing, Result* out) {
    A::sum_packed(sums[0], sums[1], out);
  }
};

/// The products of the pair, and those of each with itself: of every row, once of the query.
template <class A, class Triple>
struct ProductsOf : WideOf<A> {
  using Arithmetic = A;
  using Element = typename A::Element;
  using Result = Triple;
  using Register = typename A::Register;
  using Sum = typename A::Sum;
  using Shared = Sum;
  struct Sums {
    Sum both;
    Sum row;
  };
  static constexpr std::size_t lanes = A::lanes;
  static constexpr int chains = A::chains;
  static constexpr int chains_four = 1;

  template <class From>
  static Register load(const From* p) {
    return A::load(p);
  }
  template <class From>
  static Register load_part(const From* p, std::size_t n) {
    return A::load_part(p, n);
  }
  static void zero(Sums& sums) { sums = {A::zero(), A::zero()}; }
  static void zero(Shared& shared) { shared = A::zero(); }
  static void query(Register x, Shared& shared) { shared = A::product(x, x, shared); }
  static void step(Register x, Register y, Sums& sums) {
    hold(y);
    sums.both = A::product(x, y, sums.both);
    sums.row = A::product(y, y, sums.row);
  }
  static void add(Sums& sums, const Sums& more) {
    sums = {A::add(sums.both, more.both), A::add(sums.row, more.row)};
  }
  static void add(Shared& shared, Shared more) { shared = A::add(shared, more); }
  static void finish(const Sums& sums, Shared shared, Triple* out) {
    const Sum all[4] = {sums.both, shared, sums.row, sums.row};
    typename A::Scalar added[4];
    A::sum_four(all, added);
    *out = {added[0], added[1], added[2]};
  }
  static void finish_four(const Sums (&sums)[4], Shared shared, Triple* out) {
    const Sum boths[4] = {sums[0].both, sums[1].both, sums[2].both, sums[3].both};
    const Sum rows[4] = {sums[0].row, sums[1].row, sums[2].row, sums[3].row};
    typename A::Scalar both[4];
    typename A::Scalar row[4];
    A::sum_four(boths, both);
    A::sum_four(rows, row);
    const typename A::Scalar query = A::sum(shared);
    for (int r = 0; r < 4; ++r) out[r] = {both[r], query, row[r]};
  }
  static void finish_packed(const Sums& sums, Shared shared, Triple* out) {
    typename A::Scalar both[4];
    typename A::Scalar query[4];
    typename A::Scalar row[4];
    A::sum_packed(sums.both, both);
    A::sum_packed(shared, query);
    A::sum_packed(sums.row, row);
    for (int r = 0; r < 4; ++r) out[r] = {both[r], query[0], row[r]};
  }
  static void finish_packed(const Sums (&sums)[2], Shared shared, Triple* out) {
    typename A::Scalar both[8];
    typename A::Scalar query[4];
    typename A::Scalar row[8];
    A::sum_packed(sums[0].both, sums[1].both, both);
    A::sum_packed(shared, query);
    A::sum_packed(sums[0].row, sums[1].row, row);
    for (int r = 0; r < 8; ++r) out[r] = {both[r], query[0], row[r]};
  }
};

}  // namespace
}  // namespace dvecdb::core

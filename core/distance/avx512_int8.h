#pragma once

// The arithmetic of int8 and its Ops (ops.h).

#include "core/distance/avx512_bytes.h"
#include "core/distance/ops.h"

namespace dvecdb::core {
namespace {

struct Avx512Int8 {
  using Element = std::int8_t;
  using Scalar = std::int32_t;
  using Register = __m512i;
  using Sum = __m512i;
  static constexpr std::size_t lanes = 64;
  static constexpr int chains = 4;
  static constexpr int chains_four = 2;

  static Sum zero() { return _mm512_setzero_si512(); }
  static Sum add(Sum a, Sum b) { return _mm512_add_epi32(a, b); }
  static std::int32_t sum(Sum a) { return _mm512_reduce_add_epi32(a); }
  static void sum_four(const Sum (&sums)[4], std::int32_t* out) { sum_each(sums, out); }
  static Register load(const std::int8_t* p) { return load_bytes(p); }
  static Register load_part(const std::int8_t* p, std::size_t n) { return load_first_bytes(p, n); }
  /// Differences are unsigned bytes; VNNI sums the squares of those at even and at odd places.
  static Sum squared_difference(Register x, Register y, Sum sum) {
    const Register d = _mm512_sub_epi8(_mm512_max_epi8(x, y), _mm512_min_epi8(x, y));
    const Register even = _mm512_and_si512(d, _mm512_set1_epi16(255));
    const Register odd = _mm512_srli_epi16(d, 8);
    return _mm512_dpwssd_epi32(_mm512_dpwssd_epi32(sum, even, even), odd, odd);
  }
  /// With its sign bit flipped an element is an unsigned byte, 128 too large, which VNNI
  /// multiplies with signed ones.
  static Register flipped(Register x) { return _mm512_xor_si512(x, _mm512_set1_epi8(-128)); }
  static Sum flipped_product(Register x, Register y, Sum sum) {
    return _mm512_dpbusd_epi32(sum, flipped(y), x);
  }
  /// By how much sums of flipped products with x are too large: 128 times the elements of x.
  static Sum excess(Register x, Sum sum) {
    return _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(-128), x);
  }
  static void sum_exact(const Sum (&sums)[4], const Sum (&excess)[4], std::int32_t* out) {
    Sum exact[4];
    for (int r = 0; r < 4; ++r) exact[r] = _mm512_sub_epi32(sums[r], excess[r]);
    sum_each(exact, out);
  }
};

/// Products of rows with the query: their excess is a sum of the query alone.
struct Avx512Int8Dot : SumOf<Avx512Int8, Product> {
  using Shared = __m512i;
  static constexpr int chains = 2;

  using SumOf<Avx512Int8, Product>::zero;
  using SumOf<Avx512Int8, Product>::add;
  static void query(__m512i x, __m512i& excess) { excess = Avx512Int8::excess(x, excess); }
  static void step(__m512i x, __m512i y, __m512i& sum) {
    sum = Avx512Int8::flipped_product(x, y, sum);
  }
  static void finish(__m512i sum, __m512i excess, std::int32_t* out) {
    *out = Avx512Int8::sum(_mm512_sub_epi32(sum, excess));
  }
  static void finish_four(const __m512i (&sums)[4], __m512i excess, std::int32_t* out) {
    Avx512Int8::sum_exact(sums, {excess, excess, excess, excess}, out);
  }
};

/// Products with itself have an excess of their own, of every row.
struct Avx512Int8Norms : SumOf<Avx512Int8, Product> {
  using Result = CosineSums<std::int32_t>;
  struct Shared {
    __m512i norm;
    __m512i excess;
  };
  struct Sums {
    __m512i both;
    __m512i norm;
    __m512i excess;
  };
  static constexpr int chains = 1;
  static constexpr int chains_four = 1;

  static void zero(Sums& sums) {
    sums = {Avx512Int8::zero(), Avx512Int8::zero(), Avx512Int8::zero()};
  }
  static void zero(Shared& shared) { shared = {Avx512Int8::zero(), Avx512Int8::zero()}; }
  static void query(__m512i x, Shared& shared) {
    shared.norm = Avx512Int8::flipped_product(x, x, shared.norm);
    shared.excess = Avx512Int8::excess(x, shared.excess);
  }
  static void step(__m512i x, __m512i y, Sums& sums) {
    hold(y);
    sums.both = Avx512Int8::flipped_product(x, y, sums.both);
    sums.norm = Avx512Int8::flipped_product(y, y, sums.norm);
    sums.excess = Avx512Int8::excess(y, sums.excess);
  }
  static void add(Sums& sums, const Sums& more) {
    sums = {Avx512Int8::add(sums.both, more.both), Avx512Int8::add(sums.norm, more.norm),
            Avx512Int8::add(sums.excess, more.excess)};
  }
  static void add(Shared& shared, const Shared& more) {
    shared = {Avx512Int8::add(shared.norm, more.norm), Avx512Int8::add(shared.excess, more.excess)};
  }
  static void finish(const Sums& sums, const Shared& shared, Result* out) {
    std::int32_t all[4];
    Avx512Int8::sum_exact({sums.both, shared.norm, sums.norm, sums.norm},
                          {shared.excess, shared.excess, sums.excess, sums.excess}, all);
    *out = {all[0], all[1], all[2]};
  }
  static void finish_four(const Sums (&sums)[4], const Shared& shared, Result* out) {
    std::int32_t both[4];
    std::int32_t norm[4];
    Avx512Int8::sum_exact({sums[0].both, sums[1].both, sums[2].both, sums[3].both},
                          {shared.excess, shared.excess, shared.excess, shared.excess}, both);
    Avx512Int8::sum_exact({sums[0].norm, sums[1].norm, sums[2].norm, sums[3].norm},
                          {sums[0].excess, sums[1].excess, sums[2].excess, sums[3].excess}, norm);
    const std::int32_t query = Avx512Int8::sum(_mm512_sub_epi32(shared.norm, shared.excess));
    for (int r = 0; r < 4; ++r) out[r] = {both[r], query, norm[r]};
  }
};

/// Magnitudes of differences of unsigned bytes are what SAD sums.
struct Avx512Int8L1 : SumOf<Avx512Int8, Difference> {
  static constexpr int chains = 1;
  static void step(__m512i x, __m512i y, __m512i& sum) {
    sum = _mm512_add_epi32(sum, _mm512_sad_epu8(Avx512Int8::flipped(x), Avx512Int8::flipped(y)));
  }
};

}  // namespace
}  // namespace dvecdb::core

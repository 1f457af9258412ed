#pragma once

// The kernels, once, over an instruction set `S`. Included by one source file for each instruction
// set, which compiles it with that set's flags and gives `S`:
//
//   Float, lanes                     a register of floats and how many it holds
//   zero, set, load, store           load widens a Half; load_part zeroes what is beyond n
//   add, sub, mul, fma, abs, max, min, floor, sum, sum_four, max_lane
//   chains, chains_four              as of an arithmetic (ops.h)
//   tile_vectors, tile_rows          see tile_body.h
//   round_int8(v, out)               lanes bytes
//   hadamard(v)                      the transform over the lanes of one register
//   dot_grid<Bits, R>                integer dot products of R codes (dims a multiple of 64)
//   unpack<Bits>                     a group of a code, a byte an element
//   to_half
//   Indices, Mask and their functions (sparse_body.h)
//   Int8                             an arithmetic over int8
//   Int8Dot, Int8L1, Int8Norms       Ops over Int8, or what is better
//   Bits                             an arithmetic over bytes of bits: a product is the number of
//                                    common ones, a difference that of bits that differ; with
//                                    Words, another one for pairs of a few words
//
// Everything lives in an unnamed namespace and uses no inline function of the standard library:
// a shared inline function that was compiled with AVX-512 must not be the one that the linker
// keeps for all.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/distance/code_body.h"
#include "core/distance/half_bits.h"
#include "core/distance/kernel_table.h"
#include "core/distance/measure_many.h"
#include "core/distance/ops.h"
#include "core/distance/sparse_body.h"
#include "core/distance/tile_body.h"

namespace dvecdb::core {
namespace {

template <class T, class L2, class Dot, class L1, class Norms>
constexpr DistanceKernels<T> distance_table() {
  return {measure_one<L2>,  measure_one<Dot>,  measure_one<L1>,  measure_one<Norms>,
          measure_four<L2>, measure_four<Dot>, measure_four<L1>, measure_four<Norms>,
          measure_many<L2>, measure_many<Dot>, measure_many<L1>, measure_many<Norms>};
}

template <class A>
constexpr DistanceKernels<typename A::Element> float_table() {
  return distance_table<typename A::Element, SumOf<A, SquaredDifference>, SumOf<A, Product>,
                        SumOf<A, Difference>, ProductsOf<A, DotNorms>>();
}

template <class S>
constexpr DistanceKernels<std::int8_t> int8_table() {
  using A = typename S::Int8;
  return distance_table<std::int8_t, SumOf<A, SquaredDifference>, typename S::Int8Dot,
                        typename S::Int8L1, typename S::Int8Norms>();
}

/// Where the machine counts the ones of a word, a few words are sooner counted than loaded into a
/// wide register, whose lanes would have to be added up.
template <class Op, class Words>
typename Op::Result measure_bits(const std::uint8_t* a, const std::uint8_t* b, std::size_t bytes) {
  typename Op::Result out;
  switch (bytes) {
    case 8:
      measure<Words, 1, 1, 1>(a, &b, 8, &out);
      return out;
    case 16:
      measure<Words, 1, 2, 1>(a, &b, 16, &out);
      return out;
    case 32:
      measure<Words, 1, 4, 1>(a, &b, 32, &out);
      return out;
    default:
      return measure_one<Op>(a, b, bytes);
  }
}

template <class A, template <class> class Op>
constexpr auto one_of_bits() {
  if constexpr (requires { typename A::Words; }) {
    return measure_bits<Op<A>, Op<typename A::Words>>;
  } else {
    return measure_one<Op<A>>;
  }
}

template <class A>
using Hamming = SumOf<A, Difference>;
template <class A>
using Overlap = ProductsOf<A, BitOverlap>;

template <class A>
constexpr BitKernels bit_table() {
  return {one_of_bits<A, Hamming>(), one_of_bits<A, Overlap>(), measure_four<Hamming<A>>,
          measure_four<Overlap<A>>,  measure_many<Hamming<A>>,  measure_many<Overlap<A>>};
}

template <class S>
void halves_to_floats(const Half* from, float* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + S::lanes <= count; i += S::lanes) S::store(to + i, S::load(from + i));
  for (; i < count; ++i) to[i] = half_bits_to_float(from[i].bits);
}

template <class S>
void floats_to_halves(const float* from, Half* to, std::size_t count) {
  std::size_t i = 0;
  for (; i + S::lanes <= count; i += S::lanes) S::to_half(S::load(from + i), to + i);
  for (; i < count; ++i) to[i].bits = float_to_half_bits(from[i]);
}

template <class S>
constexpr KernelTable kernel_table() {
  return {float_table<Floats<S>>(), float_table<Halves<S>>(),      int8_table<S>(),
          code_table<S>(),          bit_table<typename S::Bits>(), tile_table<Floats<S>>(),
          sparse_table<S>(),        halves_to_floats<S>,           floats_to_halves<S>};
}

}  // namespace
}  // namespace dvecdb::core

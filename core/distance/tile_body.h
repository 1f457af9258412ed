#pragma once

// Many queries against many rows at once: see kernel_table.h for what the functions do. Over an
// arithmetic `A` of floats (ops.h) that has two more values:
//
//   tile_vectors   registers of queries in a tile, so that a tile has tile_vectors * lanes queries
//   tile_rows      rows that are measured together; both at once must leave registers for one
//                  row's element and the queries'
//
// A register holds one element of several queries, the sums of a row and a tile stay in registers,
// and one element of a row is spread over all lanes: there is nothing to add up across lanes,
// and an element that was loaded is used tile_rows or tile_vectors times. That is the inner
// kernel of Goto and van de Geijn, Anatomy of High-Performance Matrix Multiplication (2008).

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/distance/kernel_table.h"
#include "core/distance/ops.h"

namespace dvecdb::core {
namespace {

template <class A>
constexpr std::size_t tile_width() {
  return static_cast<std::size_t>(A::tile_vectors) * A::lanes;
}

/// Adds the terms of the elements [first, end) to `sums`, or sets the sums when first is zero.
template <class A, class Term>
void tile_part(const float* queries, const float* const (&rows)[A::tile_rows], std::size_t first,
               std::size_t end, float* sums) {
  constexpr int R = A::tile_rows;
  constexpr int V = A::tile_vectors;
  typename A::Sum part[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) part[r][v] = A::zero();
  }
  for (std::size_t d = first; d < end; ++d) {
    typename A::Register q[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      q[v] = A::load(queries + (d * V + static_cast<std::size_t>(v)) * A::lanes);
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const typename A::Register x = A::set(rows[r][d]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) Term::template step<A>(x, q[v], part[r][v]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) {
      float* at = sums + static_cast<std::size_t>(r * V + v) * A::lanes;
      A::store(at, first == 0 ? part[r][v] : A::add(A::load(at), part[r][v]));
    }
  }
}

template <class A, class Term>
void tile_strip(const float* queries, const float* const (&rows)[A::tile_rows], std::size_t dims,
                float* sums) {
  std::size_t first = 0;
  do {
    const std::size_t end = dims - first > kTileSpan ? first + kTileSpan : dims;
    tile_part<A, Term>(queries, rows, first, end, sums);
    first = end;
  } while (first < dims);
}

template <class A, class Term>
void tile(const float* queries, const float* const* rows, std::size_t count, std::size_t dims,
          float* sums) {
  constexpr std::size_t R = A::tile_rows;
  constexpr std::size_t W = tile_width<A>();
  const float* strip[R];
  std::size_t i = 0;
  for (; i + R <= count; i += R) {
    for (std::size_t r = 0; r < R; ++r) strip[r] = rows[i + r];
    tile_strip<A, Term>(queries, strip, dims, sums + i * W);
  }
  if (i == count) return;
  float rest[R * W];  // what is missing of a strip is the last row again
  for (std::size_t r = 0; r < R; ++r) strip[r] = rows[i + r < count ? i + r : count - 1];
  tile_strip<A, Term>(queries, strip, dims, rest);
  std::memcpy(sums + i * W, rest, (count - i) * W * sizeof(float));
}

template <class A>
std::size_t tile_next(const TileTest& test, std::size_t row, std::size_t count) {
  constexpr std::size_t W = tile_width<A>();
  for (; row < count; ++row) {
    const float* sums = test.sums + row * W;
    const TileTerms terms = test.rows[row];
    std::int32_t found = 0;
    for (std::size_t j = 0; j < W; ++j) {
      const float value = terms.base + terms.factor * sums[j];
      found |= !(value > test.limits[j] + terms.slack * test.slopes[j]);
    }
    if (found != 0) break;
  }
  return row;
}

template <class A>
constexpr TileKernels tile_table() {
  return {tile_width<A>(),     A::tile_rows, tile<A, Product>, tile<A, SquaredDifference>,
          tile<A, Difference>, tile_next<A>};
}

}  // namespace
}  // namespace dvecdb::core

#pragma once

// Sums over two sparse vectors, over an instruction set `S` that has, beside its floats:
//
//   Indices, load_indices(p), load_indices_part(p, n)   lanes indices, -1 beyond n
//   Mask, no_lanes(), either(m, m), any(m)              lanes that were chosen
//   match(indices, index)                               the lanes that hold it
//   keep(m, v), drop(m, v)                              zero where m has not, or has, the lane
//
// An index of the shorter vector is compared with a block of the longer one's at once, and its
// value is applied to the block's values under the mask: no branch depends on whether they match.
// Blocks are skipped by doubling steps where only common elements count. (That lists of unequal
// length are intersected best so: Demaine, Lopez-Ortiz, Munro, SODA 2000; by blocks: Lemire,
// Boytsov, Kurz, SIMD compression and the intersection of sorted integers, 2016.)

#include <cstddef>
#include <cstdint>

#include "core/distance/kernel_table.h"
#include "core/distance/ops.h"

namespace dvecdb::core {
namespace {

/// A block of the longer vector, and which of its elements have met their like.
template <class S>
struct SparseBlock {
  typename S::Indices indices;
  typename S::Float values;
  typename S::Mask met;
  std::int32_t last;

  SparseBlock(const SparseView& b, std::size_t at) : met(S::no_lanes()) {
    if (b.count - at >= S::lanes) {
      indices = S::load_indices(b.indices + at);
      values = S::load(b.values + at);
      last = b.indices[at + S::lanes - 1];
    } else {
      indices = S::load_indices_part(b.indices + at, b.count - at);
      values = S::load_part(b.values + at, b.count - at);
      last = b.indices[b.count - 1];
    }
  }
};

/// The first block from `at` on that may hold `index`, or what is beyond the end.
template <class S>
inline std::size_t block_of(const SparseView& b, std::size_t at, std::int32_t index) {
  const auto before = [&](std::size_t block) {
    const std::size_t end = block + S::lanes < b.count ? block + S::lanes : b.count;
    return b.indices[end - 1] < index;
  };
  std::size_t step = S::lanes;
  while (at + step < b.count && before(at + step)) step *= 2;
  // The block is behind at + step / 2 and not behind at + step.
  for (; step >= S::lanes; step /= 2) {
    if (at + step < b.count && before(at + step)) at += step;
  }
  return at + S::lanes;
}

/// The products of common elements.
template <class S>
float sparse_dot(const SparseView& first, const SparseView& second) {
  const SparseView& a = first.count < second.count ? first : second;
  const SparseView& b = first.count < second.count ? second : first;
  if (a.count == 0) return 0.0f;
  typename S::Float sum = S::zero();
  std::size_t at = 0;
  SparseBlock<S> block(b, at);
  for (std::size_t i = 0; i < a.count; ++i) {
    if (a.indices[i] > block.last) {
      at = block_of<S>(b, at, a.indices[i]);
      if (at >= b.count) break;
      block = SparseBlock<S>(b, at);
    }
    const typename S::Mask met = S::match(block.indices, a.indices[i]);
    sum = S::add(sum, S::keep(met, S::mul(S::set(a.values[i]), block.values)));
  }
  return S::sum(sum);
}

/// Values that have no like in the other vector, gathered to be added by the register.
template <class S, class Term>
class Alone {
 public:
  /// Keeps the value's place only if it is alone: no branch, which would be mispredicted.
  void add(float value, bool alone, typename S::Float& sum) {
    values_[count_] = value;
    count_ += alone;
    if (count_ == S::lanes) {
      add_vector(S::load(values_), sum);
      count_ = 0;
    }
  }
  void add_rest(typename S::Float& sum) { add_vector(S::load_part(values_, count_), sum); }
  static void add_vector(typename S::Float values, typename S::Float& sum) {
    Term::template step<Floats<S>>(values, S::zero(), sum);
  }
  static void add_all(const float* values, std::size_t count, typename S::Float& sum) {
    std::size_t i = 0;
    for (; i + S::lanes <= count; i += S::lanes) add_vector(S::load(values + i), sum);
    if (i < count) add_vector(S::load_part(values + i, count - i), sum);
  }

 private:
  alignas(64) float values_[S::lanes] = {};
  std::size_t count_ = 0;
};

/// The terms of all elements; what a vector has not is zero.
template <class S, class Term>
float sparse_sum(const SparseView& first, const SparseView& second) {
  using Lone = Alone<S, Term>;
  const SparseView& a = first.count < second.count ? first : second;
  const SparseView& b = first.count < second.count ? second : first;
  typename S::Float common = S::zero();
  typename S::Float alone = S::zero();
  Lone of_a;
  std::size_t i = 0;
  std::size_t at = 0;
  while (i < a.count && at < b.count) {
    SparseBlock<S> block(b, at);
    for (; i < a.count && a.indices[i] <= block.last; ++i) {
      const typename S::Mask met = S::match(block.indices, a.indices[i]);
      Term::template step<Floats<S>>(S::keep(met, S::set(a.values[i])), S::keep(met, block.values),
                                     common);
      of_a.add(a.values[i], !S::any(met), alone);
      block.met = S::either(block.met, met);
    }
    Lone::add_vector(S::drop(block.met, block.values), alone);
    at += S::lanes;
  }
  of_a.add_rest(alone);
  Lone::add_all(a.values + i, a.count - i, common);
  if (at < b.count) Lone::add_all(b.values + at, b.count - at, common);
  return S::sum(S::add(common, alone));
}

template <class S>
constexpr SparseKernels sparse_table() {
  return {sparse_dot<S>, sparse_sum<S, SquaredDifference>, sparse_sum<S, Difference>};
}

}  // namespace
}  // namespace dvecdb::core

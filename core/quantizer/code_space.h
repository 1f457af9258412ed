#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/distance/kernel_table.h"
#include "core/top_k.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::core {

/// Bytes at a cache line's beginning.
class AlignedBytes {
 public:
  void resize(std::size_t bytes);
  std::int8_t* data() { return reinterpret_cast<std::int8_t*>(lines_.data()); }
  const std::int8_t* data() const { return reinterpret_cast<const std::int8_t*>(lines_.data()); }

 private:
  struct alignas(64) Line {
    std::int8_t bytes[64];
  };
  std::vector<Line> lines_;
};

/// A query in the form that codes are measured by. Reusable: keeps its memory.
struct PreparedQuery {
  CodeQuery code{};            // its base is the squared length, but for inner products by a grid
  AlignedBytes elements;       // of a grid
  std::vector<Half> halves;    // half
  std::vector<float> singles;  // single
  std::vector<float> rotated;  // scratch
  std::optional<QueryMetric> exact;  // if set, vectors are compared with it in place of codes
};

/// How vectors become codes, and how distances are estimated from them.
///
/// int1 to int8 follow the idea of (extended) RaBitQ: a vector x (of length one for cosine) is
/// taken relative to a centroid c, r = R(x - c) with a random rotation R, which spreads any
/// structure evenly over the elements, and r is rounded to the grid point u (elements half-odd
/// numbers) that is nearest in direction. With s = |r|^2 / <u, r>, <r, q> is estimated without
/// bias by s <u, q>, and for the squared distance |q|^2 + |r|^2 - 2 s <u, q>. The code holds the
/// grid point and two factors, so that an estimate is base + f0 + f1 * <u, q>, with q rounded to
/// int8: an integer dot product. For inner products c is zero.
///
/// half is the vector in float16, scaled by a power of two into range; single is the vector itself,
/// of length one for cosine.
///
/// Const methods are safe from any number of threads; train() needs the object for itself.
class CodeSpace {
 public:
  /// `kind` must not be automatic.
  CodeSpace(CodeKind kind, Metric metric, std::size_t dims);

  /// What `automatic` stands for.
  static CodeKind choose(Metric metric, std::size_t dims);

  /// Whether codes of this kind hold rotated vectors, which do not keep L1.
  static bool is_rotated(CodeKind kind) { return grid_bits(kind) != 0; }

  /// Bits of an element of a grid point; 0 for kinds without a grid.
  static int grid_bits(CodeKind kind);

  CodeKind kind() const { return kind_; }
  Metric metric() const { return metric_; }
  /// Whether what is near to the same is near to each other; not so by inner product.
  bool is_metric() const { return metric_ != Metric::inner_product; }
  std::size_t code_bytes() const { return code_bytes_; }

  void encode(const float* vector, std::uint8_t* code, PreparedQuery& scratch) const;
  void prepare(const float* query, PreparedQuery& out) const;

  /// The query whose vector is (about) that of the code.
  void prepare_from_code(const std::uint8_t* code, PreparedQuery& out) const;

  /// Estimates that order as the metric does: squared L2, negative inner product, squared L2 of
  /// the directions for cosine, scaled L1. Never NaN, at most FLT_MAX.
  void estimate(const PreparedQuery& query, const std::uint8_t* const* codes, std::size_t count,
                float* out) const;

  /// What an exact estimate of a distance (as ordering_distance gives it) would be.
  double estimate_of(double ordering_distance) const;

  /// Whether estimates that are off by `error` tell little about which of those up to `distance`
  /// away is nearer, as in a cluster that is tight and far from all else.
  static bool is_blind(double error, double distance) {
    constexpr double kShare = 0.125;
    return distance > 0 && error > kShare * distance;
  }

  /// Fits centroid and scale to a sample. True when they changed so much that all codes
  /// have to be made anew.
  bool train(const std::vector<const float*>& sample);

  /// What train() learned, for the index file.
  std::vector<float> learned() const;
  void restore(const std::vector<float>& learned);
  std::size_t learned_size() const { return centroid_.size() + 1; }

 private:
  bool is_grid() const { return bits_ != 0; }
  /// R(x - c), of the direction for cosine, into out.rotated.
  void rotate(const float* vector, PreparedQuery& out) const;
  float best_grid_factor(const float* r, float largest) const;
  template <class T>
  void encode_plain(const float* vector, T* out) const;
  template <class T>
  void estimate_plain(const std::vector<T>& query, const std::uint8_t* const* codes,
                      std::size_t count, float* out) const;

  CodeKind kind_;
  int bits_;  // of a grid point's element, or 0
  Metric metric_;
  std::size_t dims_;
  CodeShape shape_{};
  std::size_t code_bytes_;
  float half_range_;             // of the grid: half of 2^bits
  std::vector<float> signs_;     // of the rotation
  std::vector<float> centroid_;  // not rotated, dims_ elements
  float scale_ = 1;              // of halves
};

}  // namespace dvecdb::core

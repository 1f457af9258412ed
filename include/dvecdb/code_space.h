#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dvecdb/code_kind.h"
#include "dvecdb/distance.h"
#include "dvecdb/half.h"
#include "dvecdb/value_space.h"

namespace dvecdb::core {

/// A query as the kernels over codes of a grid take it.
struct CodeQuery {
  const std::int8_t* elements;  ///< one for each dimension of the code, 64-byte aligned
  float base;                   ///< added to every estimate
  float scale;                  ///< of one step of `elements`
  float offset;                 ///< subtracted from every integer dot product
};

/// Where the factors of a code lie: at `factors` bytes from its beginning, two floats.
struct CodeShape {
  std::size_t dims;     ///< of the code: a multiple of 64
  std::size_t factors;  ///< byte offset
};

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
  float element_sum = 0;       // of a grid: the sum of the elements
  float step = 0;              // of a grid: the elements err as if rounded to multiples of it
  float squared_length = 0;    // of a grid: of the rotated vector
  std::vector<Half> halves;    // half
  std::vector<float> singles;  // single; the bytes of a value
  std::vector<float> rotated;  // scratch
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
/// of length one for cosine. Values of a ValueSpace are their own codes, too, of kind single.
///
/// Const methods are safe from any number of threads; train() needs the object for itself.
class CodeSpace {
 public:
  /// `kind` must not be automatic.
  CodeSpace(CodeKind kind, Metric metric, std::size_t dims);

  /// Of values: in place of vectors their bytes are taken. Borrows the space.
  CodeSpace(const ValueSpace& values, Metric metric);

  /// Where the vectors are that codes spare reading.
  enum class VectorsAre : std::uint8_t { in_memory, on_disk };

  /// What `automatic` stands for.
  static CodeKind choose(Metric metric, std::size_t dims, VectorsAre vectors);

  static constexpr int kMostGridBits = 8;

  /// Whether codes of this kind hold rotated vectors, which do not keep L1.
  static bool is_rotated(CodeKind kind) { return grid_bits(kind) != 0; }

  /// Bits of an element of a grid point; 0 for kinds without a grid.
  static int grid_bits(CodeKind kind);

  /// The kind whose grid has so many bits an element: 1 to kMostGridBits.
  static CodeKind grid_kind(int bits);

  CodeKind kind() const { return kind_; }
  Metric metric() const { return metric_; }
  /// Whether what is near to the same is near to each other; not so by inner product.
  bool is_metric() const { return metric_ != Metric::inner_product; }
  std::size_t code_bytes() const { return code_bytes_; }

  void encode(const float* vector, std::uint8_t* code, PreparedQuery& scratch) const;
  void prepare(const float* query, PreparedQuery& out) const;
  /// Both, of one vector: to rotate it costs most.
  void encode_and_prepare(const float* vector, std::uint8_t* code, PreparedQuery& out) const;

  /// The query whose vector is (about) that of the code.
  void prepare_from_code(const std::uint8_t* code, PreparedQuery& out) const;

  /// Estimates that order as the metric does: squared L2, negative inner product, squared L2 of
  /// the directions for cosine, scaled L1. Never NaN, at most FLT_MAX.
  void estimate(const PreparedQuery& query, const std::uint8_t* const* codes, std::size_t count,
                float* out) const;

  /// How far a grid's estimate is usually off: its standard deviation over random rotations, of
  /// squared distances or of inner products. r is rounded with an error of about s / sqrt(12) an
  /// element, in a direction that is random across r (the estimate along r is exact: RaBitQ,
  /// SIGMOD 2024, section 3.2), and so is q; the errors add up over the elements as a random walk
  /// does. For 1 bit, too, this is nearly so. 0 for other kinds, which err by a rounding of
  /// the elements at most.
  double usual_error(const PreparedQuery& query, const std::uint8_t* code) const;
  /// The same for who has estimated already.
  double usual_error(const PreparedQuery& query, const std::uint8_t* code, float estimated) const;

  /// How many elements decode_rotated() gives: dims, rounded up to a multiple of 64.
  std::size_t rotated_dims() const { return shape_.dims; }

  /// For kinds with a grid: s * u, about r, whose length is right by its projection on r. Nearest
  /// to x where the code has many bits.
  void decode_rotated(const std::uint8_t* code, float* out) const;

  /// For kinds without a grid: the vector (dims floats) in the scale of estimates, so that
  /// the distance of two codes is that of what they decode to; of length one for cosine.
  void decode(const std::uint8_t* code, float* out) const;

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
  bool is_product() const { return metric_ == Metric::inner_product; }
  /// s of a code, by its second factor.
  float step_of(float f1) const { return is_product() ? -f1 : -0.5f * f1; }
  /// |s * u|^2
  double squared_length(const std::uint8_t* code) const;
  /// R(x - c), of the direction for cosine, into out.rotated.
  void rotate(const float* vector, PreparedQuery& out) const;
  void prepare_rotated(PreparedQuery& out) const;
  template <class T>
  void encode_plain(const float* vector, T* out) const;
  template <class T>
  void estimate_plain(const std::vector<T>& query, const std::uint8_t* const* codes,
                      std::size_t count, float* out) const;

  CodeKind kind_;
  int bits_;  // of a grid point's element, or 0
  Metric metric_;
  std::size_t dims_;
  const ValueSpace* values_ = nullptr;  // if codes are values
  CodeShape shape_{};
  std::size_t code_bytes_;
  float half_range_;             // of the grid: half of 2^bits
  std::vector<float> signs_;     // of the rotation
  std::vector<float> centroid_;  // not rotated, dims_ elements
  float scale_ = 1;              // of halves
};

}  // namespace dvecdb::core

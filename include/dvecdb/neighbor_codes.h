#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "dvecdb/code_space.h"

namespace dvecdb::core {

/// How neighbors of a node become codes about the node, to be kept beside it: a residual is short,
/// so that few bits tell as much as many do about a far centroid, and one place holds all that the
/// walk needs to go on (SymphonyQG, SIGMOD 2025; RaBitQ, SIGMOD 2024, and Extended RaBitQ, 2025).
///
/// With x and c the rotated vectors of neighbor and node and r = x - c, u is the point of a grid of
/// `bits` bits an element that is nearest in direction to r, and s = |r|^2 / <u, r>. For a query q
/// in the same room <r, q - c> is estimated without bias by s <u, q - c>, so that
///   |q - x|^2 = |q - c|^2 + |r|^2 - 2 <r, q - c>   is about   base + f0 + f1 <u, q>
/// with base = |q - c|^2, f0 = |r|^2 + 2 s <u, c>, f1 = -2 s. By inner product -<q, x> is about
/// base + f1 <u, q> with base = -<q, c>, f0 = 0, f1 = -s. The error grows with |r| and, but for
/// inner products, with |q - c|. A neighbor that equals the node has f0 = f1 = 0.
///
/// A code is bits * rotated_dims / 8 bytes of u, then f0 and f1 (floats), at any alignment.
///
/// Const methods are safe from any number of threads.
class NeighborCodes {
 public:
  /// Working memory of encode(); keeps it between calls. For one thread.
  struct Scratch {
    std::vector<float> residual;
    std::vector<std::uint8_t> points;
  };

  /// `bits` is 1 to 8; not for L1, which a rotation does not keep.
  /// Throws std::invalid_argument otherwise.
  NeighborCodes(int bits, Metric metric, std::size_t dims);

  /// The fewest bits by which a walk finds, of so many nodes that it expands, about what it
  /// finds by exact distances: measured on sets of 64 to 1536 dimensions. It has to put the
  /// distance by the node's own code in place of the estimate in its pool once the node is
  /// expanded: then those whose estimates were too small leave room for others.
  static int choose_bits(std::size_t dims);

  int bits() const { return bits_; }
  std::size_t code_bytes() const { return code_bytes_; }

  /// Both rotated (CodeSpace::decode_rotated gives them so), rotated_dims() floats.
  void encode(const float* neighbor, const float* node, std::uint8_t* code, Scratch& scratch) const;

  /// `query` is prepared by any CodeSpace with a grid, of the same metric, dimensions and centroid
  /// as that by which vectors were rotated. `base` is the query's estimate of the node itself.
  /// out[i] orders as CodeSpace's estimates do: never NaN, at most FLT_MAX.
  void estimate(const PreparedQuery& query, float base, const std::uint8_t* const* codes,
                std::size_t count, float* out) const;

  std::size_t rotated_dims() const { return shape_.dims; }

 private:
  int bits_;
  Metric metric_;
  CodeShape shape_;
  std::size_t code_bytes_;
};

}  // namespace dvecdb::core

#pragma once

#include <cstddef>

#include "core/distance/kernel_table.h"
#include "dvecdb/distance.h"

namespace dvecdb::core {

/// Which sum a tile is made of.
enum class TileSum { dot, l2_squared, l1 };

/// From sums of tiles to limits that exclude only what is surely too far.
///
/// With E the relative error of a product of vectors q and r, of the norms and of the kernel that
/// measures again, all together:
///   l2 by products  |q|^2 (1 - E) + |r|^2 (1 - E) - 2 <q, r>     <= distance
///   inner product   -<q, r> - E |q| |r|                          <= distance
///   cosine          -<q, r> / |r| - E |q|                        <= (distance - 1) |q|
///   l2, l1          sum (1 - E)                                  <= distance
/// Rows and queries whose norms are so small or great that products could leave float32's range,
/// or are no numbers, are never excluded.
class BatchLimits {
 public:
  BatchLimits(Metric metric, std::size_t dims);

  TileTerms row(TileSum sum, float norm_squared) const;
  /// For a query's distances up to `farthest`.
  float limit(TileSum sum, float norm_squared, double farthest) const;
  float slope(float norm_squared) const;

  /// False where the error of L2 by products is so great beside the distances that it would exclude
  /// too little: differences are measured then, at twice the work.
  bool products_suffice(float norm_squared, double farthest) const;

 private:
  Metric metric_;
  double error_;
};

}  // namespace dvecdb::core

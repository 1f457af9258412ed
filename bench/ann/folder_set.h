// Sets in folders: base.u8 or base.f32, query.u8 or query.f32 (row-major, little-endian, no
// header), optionally gt.i32 (for each query the row numbers of its nearest, nearest first) and a
// file `metric` that says "l2" or "cosine". The folder's name ends in -<dimensions>.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/ann/vectors.h"

namespace dvecdb::bench::ann {

struct FolderSet {
  VectorSet set;
  std::vector<std::int32_t> truth;  ///< rows of equal length, one a query; empty without gt.i32
};

/// The names of the folders in `folder` that hold sets, smallest files first.
/// Throws std::runtime_error when `folder` cannot be read.
std::vector<std::string> folder_sets(const std::string& folder);

/// Without a file `metric`, a set whose vectors have unit length is a cosine set.
/// Throws std::runtime_error naming the file that is missing or of a wrong size.
FolderSet read_folder_set(const std::string& path);

}  // namespace dvecdb::bench::ann

// Which sets there are.
#pragma once

#include <string>
#include <vector>

#include "bench/ann/vectors.h"

namespace dvecdb::bench::ann {

struct SetSource {
  std::string data;         ///< a folder of sets; empty: the shipped demo set stands for them
  std::string cache;        ///< a folder for found truth; empty: none
  std::size_t queries = 0;  ///< at most so many of a set are asked; 0: all
  int threads = 1;
};

/// What a run measures when no set is named, smallest first.
std::vector<std::string> default_sets(const SetSource& source, bool is_full);

/// A folder of `source.data` (or a folder's path), "demo-784", or "mixture-<rows>-<dims>".
/// Throws std::runtime_error or std::invalid_argument when there is none or it is damaged.
VectorSet load_set(const std::string& name, const SetSource& source);

}  // namespace dvecdb::bench::ann

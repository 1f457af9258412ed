// What the benchmark's steps, each a process of its own, leave for each other in a folder.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/ann/vectors.h"

namespace dvecdb::bench::disk {

struct Folder {
  std::string path;

  std::string index() const { return path + "/index.hnsw"; }
  std::string rows() const { return path + "/rows.f32"; }
  std::string questions() const { return path + "/questions"; }
};

/// What is asked, and how far the true tenth neighbor of each is.
struct Questions {
  std::size_t rows = 0;  ///< of the set
  ann::Vectors queries;
  std::vector<double> kth_distances;
};

/// Both throw std::runtime_error.
void write_set(const Folder& folder, const ann::VectorSet& set);
Questions read_questions(const Folder& folder);

}  // namespace dvecdb::bench::disk

// Vectors in memory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dvecdb::bench::ann {

/// Cosine sets are scaled to unit length when they are loaded, for all libraries alike.
enum class Metric { l2, cosine };

const char* metric_name(Metric metric);

/// Rows of `dims` floats, one after the other.
struct Vectors {
  std::size_t dims = 0;
  std::vector<float> values;

  Vectors() = default;
  Vectors(std::size_t rows, std::size_t row_dims) : dims(row_dims), values(rows * row_dims) {}

  std::size_t rows() const { return dims == 0 ? 0 : values.size() / dims; }
  const float* row(std::size_t i) const { return values.data() + i * dims; }
  float* row(std::size_t i) { return values.data() + i * dims; }
};

/// What is searched, what is asked, and how far the right answers are.
struct VectorSet {
  std::string name;
  Metric metric = Metric::l2;
  Vectors base;
  Vectors queries;
  std::vector<double> kth_distances;  ///< of each query's `neighbors`-th true neighbor
};

/// Recall is recall@10.
inline constexpr std::size_t neighbors = 10;

/// In float64: the Euclidean distance, or 1 - cos of vectors of unit length.
double exact_distance(Metric metric, const float* a, const float* b, std::size_t dims);

/// Scales every row to length one; zero rows stay.
void scale_to_unit(Vectors& vectors);

}  // namespace dvecdb::bench::ann

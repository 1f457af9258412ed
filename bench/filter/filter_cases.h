// Vectors, queries and filters for the filter benchmark, all generated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dvecdb/label_set.h"

namespace dvecdb::bench {

struct Shape {
  std::size_t rows;
  std::size_t dims;
};

// Rows and queries around common centers of unequal weight, with a spectrum that decays.
struct Vectors {
  Vectors(const Shape& shape, std::size_t query_count);

  const float* row(std::size_t i) const { return rows.data() + i * dims; }
  const float* query(std::size_t i) const { return queries.data() + i * dims; }

  std::size_t dims;
  std::size_t row_count;
  std::size_t query_count;
  std::vector<float> rows;
  std::vector<float> queries;
};

enum class Correlation { none, near, far };

std::string name_of(Correlation correlation);

// The filter of each query: of `share` of the rows, at random; those nearest to a row in the
// query's neighborhood; or those farthest from the query.
std::vector<core::LabelSet> make_filters(const Vectors& vectors, Correlation correlation,
                                         double share);

}  // namespace dvecdb::bench

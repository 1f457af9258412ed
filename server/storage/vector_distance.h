// Stored vectors as numbers: dimensions, float32 form, and a query's distance to them as the SQL
// operators answer it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/vector_indexes.h"

namespace dvecdb::server::storage {

// The dimensions of a vector in its stored form. Throws XX001 for bytes that are none.
std::int64_t stored_dimensions(VectorElement element, std::string_view bytes);

// True for the elements that a graph can hold; the others are scanned.
bool has_graph(VectorElement element);

// `bytes` as float32, for a graph: aligned, and valid until the next call with the same buffer or
// the end of `bytes`.
const float* as_floats(VectorElement element, std::string_view bytes, std::vector<float>& buffer);

// A graph takes finite elements only; a row with others is found by scanning.
bool is_finite(const float* vector, std::size_t dimensions);

// Not thread-safe: it has scratch space of its own.
class QueryDistance {
 public:
  // Throws 22000 when the query has other dimensions than the index.
  QueryDistance(const VectorIndexDefinition& definition, std::string_view query);
  // Throws 22000 when `row` has other dimensions than the query. May be NaN.
  double operator()(std::string_view row);
  // The query for the graph.
  const float* floats() const { return floats_.data(); }

 private:
  double measure(std::string_view row);

  VectorElement element_;
  VectorMetric metric_;
  int dimensions_;
  std::string query_;
  std::vector<float> floats_;
  std::string aligned_row_;
};

}  // namespace dvecdb::server::storage

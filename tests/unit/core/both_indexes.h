#pragma once

#include <cstddef>

#include "dvecdb/flat.h"
#include "dvecdb/hnsw.h"
#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {

/// A graph and an exact index of the same rows, labelled by their number; the last `queries` rows
/// are left out to search with.
struct BothIndexes {
  BothIndexes(const GeneratedData& rows, Metric metric, std::size_t queries)
      : data(rows), index(options(rows, metric)), exact(rows.dims, metric) {
    for (std::size_t i = 0; i + queries < data.count; ++i) {
      index.insert(i, data.row(i));
      exact.upsert(i, data.row(i));
    }
  }

  static HnswOptions options(const GeneratedData& rows, Metric metric) {
    HnswOptions options;
    options.dims = rows.dims;
    options.metric = metric;
    options.ef_construction = 80;
    return options;
  }

  const float* query(std::size_t q) const { return data.row(data.count - 1 - q); }

  const GeneratedData& data;
  HnswIndex index;
  FlatIndex exact;
};

}  // namespace dvecdb::core

#include "bench/ann/vectors.h"

#include <cmath>

#include "dvecdb/distance.h"

namespace dvecdb::bench::ann {

const char* metric_name(Metric metric) {
  return metric == Metric::l2 ? "L2" : "cosine";
}

double exact_distance(Metric metric, const float* a, const float* b, std::size_t dims) {
  double sum = 0;
  if (metric == Metric::cosine) {
    for (std::size_t i = 0; i < dims; ++i) sum += static_cast<double>(a[i]) * b[i];
    return 1 - sum;
  }
  for (std::size_t i = 0; i < dims; ++i) {
    const double difference = static_cast<double>(a[i]) - b[i];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

void scale_to_unit(Vectors& vectors) {
  for (std::size_t i = 0; i < vectors.rows(); ++i) {
    core::normalize(vectors.row(i), vectors.row(i), vectors.dims);
  }
}

}  // namespace dvecdb::bench::ann

#pragma once

#include <cstddef>
#include <vector>

#include "dvecdb/hnsw.h"

namespace dvecdb::core {

/// What recall a pool of `ef` gives for `k` answers, with an allowance for chance.
struct RecallPoint {
  float k;
  float ef;
  float recall;
};

/// Recall against ef_search, as measured on an index.
class RecallCurve {
 public:
  RecallCurve() = default;

  /// `rows`: how many labels the index had. Points by ascending k, then by ascending ef; of each k
  /// at least one.
  RecallCurve(std::size_t rows, std::vector<RecallPoint> points);

  /// As values() gave them. Empty when they are no curve.
  explicit RecallCurve(const std::vector<float>& values);
  std::vector<float> values() const;

  bool empty() const { return points_.empty(); }
  std::size_t rows() const { return rows_; }

  /// Between the values of k that were measured, and between the points of each, on a logarithmic
  /// scale of ef. Not for an empty curve.
  EfChoice ef_for(double recall, std::size_t k) const;

 private:
  struct Choice {
    double log_ef;
    bool is_measured;
  };
  Choice choose(std::size_t begin, std::size_t end, double recall) const;
  std::size_t end_of(std::size_t begin) const;

  std::size_t rows_ = 0;
  std::vector<RecallPoint> points_;
};

}  // namespace dvecdb::core

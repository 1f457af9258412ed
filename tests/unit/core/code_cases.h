#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "dvecdb/code_space.h"
#include "dvecdb/distance.h"

namespace dvecdb::core {

inline const std::vector<CodeKind>& grid_kinds() {
  static const std::vector<CodeKind> kKinds = {CodeKind::int1, CodeKind::int2, CodeKind::int3,
                                               CodeKind::int4, CodeKind::int5, CodeKind::int6,
                                               CodeKind::int7, CodeKind::int8};
  return kKinds;
}

using Row = std::vector<float>;

inline Row random_row(std::size_t dims, std::mt19937& random, float spread = 1) {
  std::normal_distribution<float> normal;
  Row row(dims);
  for (float& x : row) x = spread * normal(random);
  return row;
}

inline std::vector<Row> random_rows(std::size_t count, std::size_t dims, std::mt19937& random) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(random_row(dims, random));
  return rows;
}

/// A row and others about it, at a distance of about `spread` * sqrt(dims).
inline Row near(const Row& row, float spread, std::mt19937& random) {
  Row out = random_row(row.size(), random, spread);
  for (std::size_t i = 0; i < row.size(); ++i) out[i] += row[i];
  return out;
}

/// What an estimate without an error would be.
inline double exact_estimate(Metric metric, const Row& a, const Row& b) {
  const double distance = ordering_distance(metric, a.data(), b.data(), a.size());
  return metric == Metric::cosine ? 2 * distance : distance;
}

/// Runs `check` on the kernels of every instruction set of this machine.
template <class Check>
void on_every_isa(Check check) {
  const Isa before = active_isa();
  for (const Isa isa : supported_isas()) {
    override_isa(isa);
    check(isa);
  }
  override_isa(before);
}

/// Root of the mean of the squares.
class RootMeanSquare {
 public:
  void add(double x) {
    squares_ += x * x;
    ++count_;
  }
  double value() const { return std::sqrt(squares_ / static_cast<double>(count_)); }

 private:
  double squares_ = 0;
  std::size_t count_ = 0;
};

}  // namespace dvecdb::core

#include "core/flat/batch_limits.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dvecdb::core {
namespace {

constexpr double kStep = 1.0 / (1 << 24);  // of float32's rounding
constexpr float kLeastNorm = 1e-25f;
constexpr float kGreatestNorm = 1e25f;
// Terms and limits are float32 themselves.
constexpr double kRoundings = 16;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

bool is_usual(float norm_squared) {
  return norm_squared >= kLeastNorm && norm_squared <= kGreatestNorm;
}

}  // namespace

BatchLimits::BatchLimits(Metric metric, std::size_t dims) : metric_(metric) {
  const double n = static_cast<double>(dims);
  const double span = static_cast<double>(kTileSpan);
  const double of_tile = std::min(n, span) + n / span + 2;
  const double of_kernel = n / 4 + 16;  // see distance.h
  error_ = kStep * (of_tile + 3 * of_kernel + kRoundings);
}

TileTerms BatchLimits::row(TileSum sum, float norm_squared) const {
  if (!is_usual(norm_squared)) return {-kInfinity, 0, 0};
  if (sum != TileSum::dot) return {0, 1, 0};
  const double norm = std::sqrt(static_cast<double>(norm_squared));
  if (metric_ == Metric::l2_squared) {
    return {static_cast<float>(norm_squared * (1 - error_)), -2, 0};
  }
  if (metric_ == Metric::cosine) return {0, static_cast<float>(-1 / norm), 0};
  return {0, -1, static_cast<float>(error_ * norm)};
}

float BatchLimits::limit(TileSum sum, float norm_squared, double farthest) const {
  if (!is_usual(norm_squared)) return kInfinity;
  const double norm = std::sqrt(static_cast<double>(norm_squared));
  if (sum != TileSum::dot) return static_cast<float>(farthest * (1 + 2 * error_));
  if (metric_ == Metric::cosine) {
    return farthest >= 2 ? kInfinity : static_cast<float>((farthest - 1 + error_) * norm);
  }
  const double rounded = farthest + std::fabs(farthest) * kRoundings * kStep;
  if (metric_ == Metric::inner_product) return static_cast<float>(rounded);
  return static_cast<float>(rounded - norm_squared * (1 - error_));
}

float BatchLimits::slope(float norm_squared) const {
  return is_usual(norm_squared) ? std::sqrt(norm_squared) : 0;
}

bool BatchLimits::products_suffice(float norm_squared, double farthest) const {
  constexpr double kMostError = 1.0 / 16;
  return 2 * norm_squared * error_ <= farthest * kMostError;
}

}  // namespace dvecdb::core

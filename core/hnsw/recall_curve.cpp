#include "core/hnsw/recall_curve.h"

#include <algorithm>
#include <cmath>

namespace dvecdb::core {
namespace {

/// Beyond what was measured ef grows to so many times the largest that was, no further.
constexpr double kFarthest = 4;

constexpr std::size_t kFieldsOfPoint = 3;
constexpr std::size_t kMaxPoints = 1000;

double missed(double recall) {
  return std::log(std::max(1 - recall, 1e-6));
}

}  // namespace

RecallCurve::RecallCurve(std::size_t rows, std::vector<RecallPoint> points)
    : rows_(rows), points_(std::move(points)) {
  // More work never finds less: what seems so is chance.
  for (std::size_t i = 1; i < points_.size(); ++i) {
    if (points_[i].k != points_[i - 1].k) continue;
    points_[i].recall = std::max(points_[i].recall, points_[i - 1].recall);
  }
}

RecallCurve::RecallCurve(const std::vector<float>& values) {
  const std::size_t count =
      (values.size() - std::min<std::size_t>(values.size(), 1)) / kFieldsOfPoint;
  if (count == 0 || count > kMaxPoints || values.size() != 1 + count * kFieldsOfPoint) return;
  const bool has_rows = values[0] >= 0 && values[0] < 0x1p32f;
  std::vector<RecallPoint> points;
  for (std::size_t i = 1; i < values.size(); i += kFieldsOfPoint) {
    const RecallPoint point{values[i], values[i + 1], values[i + 2]};
    const bool is_one = point.k >= 1 && point.k <= 1e6f && point.ef >= 1 && point.ef <= 1e6f &&
                        point.recall >= 0 && point.recall <= 1;
    const bool is_in_order = points.empty() || point.k > points.back().k ||
                             (point.k == points.back().k && point.ef > points.back().ef);
    if (!has_rows || !is_one || !is_in_order) return;
    points.push_back(point);
  }
  *this = RecallCurve(static_cast<std::size_t>(values[0]), std::move(points));
}

std::vector<float> RecallCurve::values() const {
  if (empty()) return {};
  std::vector<float> out{static_cast<float>(rows_)};
  for (const RecallPoint& point : points_) {
    out.insert(out.end(), {point.k, point.ef, point.recall});
  }
  return out;
}

std::size_t RecallCurve::end_of(std::size_t begin) const {
  std::size_t end = begin;
  while (end < points_.size() && points_[end].k == points_[begin].k) ++end;
  return end;
}

EfChoice RecallCurve::ef_for(double recall, std::size_t k) const {
  const auto wanted = static_cast<double>(std::max<std::size_t>(k, 1));
  std::size_t begin = 0;
  std::size_t end = end_of(0);
  while (end < points_.size() && points_[end].k <= wanted) {
    begin = end;
    end = end_of(begin);
  }
  const double below = points_[begin].k;
  Choice choice = choose(begin, end, recall);
  if (wanted > below && end < points_.size()) {
    const Choice above = choose(end, end_of(end), recall);
    const double part = std::log(wanted / below) / std::log(points_[end].k / below);
    choice.log_ef += part * (above.log_ef - choice.log_ef);
    choice.is_measured = choice.is_measured && above.is_measured;
  } else if (wanted > below) {
    choice.log_ef += std::log(wanted / below);
    choice.is_measured = false;
  }
  const auto ef = static_cast<std::size_t>(std::ceil(std::exp(choice.log_ef) - 1e-6));
  return {ef, choice.is_measured};
}

/// Among the points of one k.
RecallCurve::Choice RecallCurve::choose(std::size_t begin, std::size_t end, double recall) const {
  const auto log_ef = [&](std::size_t i) { return std::log(static_cast<double>(points_[i].ef)); };
  std::size_t at = begin;
  constexpr double kRounding = 1e-6;  // recalls are kept as float32
  while (at < end && points_[at].recall < recall - kRounding) ++at;
  if (at == begin) return {log_ef(begin), true};
  if (at < end) {
    const double from = missed(points_[at - 1].recall);
    const double to = missed(points_[at].recall);
    const double part = from > to ? (from - missed(recall)) / (from - to) : 1;
    return {log_ef(at - 1) + std::clamp(part, 0.0, 1.0) * (log_ef(at) - log_ef(at - 1)), true};
  }
  // As what is missed went down over the last doubling or so.
  const std::size_t last = end - 1;
  const std::size_t before = last - begin >= 2 ? last - 2 : begin;
  const double farthest = log_ef(last) + std::log(kFarthest);
  const double gain = missed(points_[before].recall) - missed(points_[last].recall);
  if (gain <= 0) return {farthest, false};
  const double to_go = missed(points_[last].recall) - missed(recall);
  const double further = to_go / gain * (log_ef(last) - log_ef(before));
  return {std::min(farthest, log_ef(last) + further), false};
}

}  // namespace dvecdb::core

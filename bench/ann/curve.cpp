#include "bench/ann/curve.h"

#include <algorithm>
#include <cmath>

namespace dvecdb::bench::ann {

std::vector<CurvePoint> frontier(const LibraryResult& library, Threads threads, ClockKind clock) {
  std::vector<CurvePoint> points;
  for (const Point& point : library.points) {
    const double rate = value(threads == Threads::one ? point.one : point.all, clock);
    if (rate > 0) points.push_back({point.recall, rate});
  }
  std::sort(points.begin(), points.end(), [](const CurvePoint& a, const CurvePoint& b) {
    return a.recall != b.recall ? a.recall > b.recall : a.rate > b.rate;
  });
  std::vector<CurvePoint> best;
  for (const CurvePoint& point : points) {
    if (best.empty() || point.rate > best.back().rate) best.push_back(point);
  }
  std::reverse(best.begin(), best.end());
  return best;
}

std::optional<double> rate_at(const std::vector<CurvePoint>& frontier, double recall) {
  const auto above = std::find_if(frontier.begin(), frontier.end(),
                                  [&](const CurvePoint& p) { return p.recall >= recall; });
  if (above == frontier.end()) return std::nullopt;
  if (above == frontier.begin()) return above->rate;
  const CurvePoint& below = *(above - 1);
  const double share = (recall - below.recall) / (above->recall - below.recall);
  return std::exp((1 - share) * std::log(below.rate) + share * std::log(above->rate));
}

}  // namespace dvecdb::bench::ann

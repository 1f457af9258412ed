#include "bench/ann/svg_plot.h"

#include <algorithm>
#include <cmath>

#include "bench/ann/curve.h"
#include "bench/ann/text.h"

namespace dvecdb::bench::ann {

namespace {

constexpr double panel_width = 460;
constexpr double panel_height = 380;
constexpr double left = 70;
constexpr double top = 50;
constexpr double gap = 80;
constexpr double legend_height = 24;

// High recall is where libraries differ: the axis is -log10(1 - recall).
constexpr double recall_ticks[] = {0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995};
constexpr double least_recall = 0.8;
constexpr double most_recall = 0.9998;

// Okabe and Ito's colors, which color-blind people tell apart as well.
constexpr const char* colors[] = {"#d55e00", "#0072b2", "#009e73", "#cc79a7",
                                  "#e69f00", "#56b4e9", "#000000", "#999999"};

const char* color_of(std::size_t library) {
  return colors[library % std::size(colors)];
}

double recall_place(double recall) {
  const double bounded = std::clamp(recall, least_recall, most_recall);
  const double lowest = -std::log10(1 - least_recall);
  return (-std::log10(1 - bounded) - lowest) / (-std::log10(1 - most_recall) - lowest);
}

std::string escaped(const std::string& raw) {
  std::string out;
  for (const char c : raw) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

/// The decades that hold all rates of a set, in both panels alike.
struct RateAxis {
  double lowest = 0;  // log10
  double highest = 1;

  double place(double rate) const { return (std::log10(rate) - lowest) / (highest - lowest); }
};

RateAxis axis_of(const SetResult& set, ClockKind clock) {
  double least = 1e9;
  double most = 1;
  for (const LibraryResult& library : set.libraries) {
    for (const Threads threads : {Threads::one, Threads::all}) {
      for (const CurvePoint& point : frontier(library, threads, clock)) {
        if (point.recall < least_recall) continue;
        least = std::min(least, point.rate);
        most = std::max(most, point.rate);
      }
    }
  }
  if (least > most) return {};
  return {std::log10(least) - 0.1, std::log10(most) + 0.1};
}

class Panel {
 public:
  Panel(double x, RateAxis axis) : x_(x), axis_(axis) {}

  std::string frame(const std::string& title) const {
    std::string out = text("<text x='%.0f' y='%.0f' class='title'>%s</text>\n", x_, top - 12,
                           escaped(title).c_str());
    for (const double recall : recall_ticks) {
      const double x = x_of(recall);
      out += text("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='grid'/>", x, top, x,
                  top + panel_height);
      out += text("<text x='%.1f' y='%.1f' class='middle'>%g</text>\n", x, top + panel_height + 16,
                  recall);
    }
    for (int decade = 0; decade < 8; ++decade) {
      for (const int step : {1, 2, 5}) out += rate_tick(step * std::pow(10.0, decade));
    }
    out += text("<rect x='%.1f' y='%.1f' width='%.0f' height='%.0f' class='frame'/>\n", x_, top,
                panel_width, panel_height);
    return out + text("<text x='%.1f' y='%.1f' class='middle'>recall@10</text>\n",
                      x_ + panel_width / 2, top + panel_height + 34);
  }

  std::string curve(const std::vector<CurvePoint>& points, const char* color) const {
    std::string line;
    std::string dots;
    for (const CurvePoint& point : points) {
      if (point.recall < least_recall) continue;
      const double x = x_of(point.recall);
      const double y = y_of(point.rate);
      line += text("%.1f,%.1f ", x, y);
      dots += text("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>", x, y, color);
    }
    return text("<polyline points='%s' fill='none' stroke='%s' stroke-width='2'/>", line.c_str(),
                color) +
           dots + "\n";
  }

 private:
  std::string rate_tick(double rate) const {
    const double place = axis_.place(rate);
    if (place < 0 || place > 1) return "";
    const double y = y_of(rate);
    const std::string label = rate >= 1000 ? text("%gk", rate / 1000) : text("%g", rate);
    return text("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='grid'/>", x_, y,
                x_ + panel_width, y) +
           text("<text x='%.1f' y='%.1f' class='end'>%s</text>\n", x_ - 6, y + 4, label.c_str());
  }

  double x_of(double recall) const { return x_ + panel_width * recall_place(recall); }
  double y_of(double rate) const { return top + panel_height * (1 - axis_.place(rate)); }

  double x_;
  RateAxis axis_;
};

std::string legend(const SetResult& set, double y) {
  std::string out;
  double x = left;
  for (std::size_t i = 0; i < set.libraries.size(); ++i) {
    const std::string& name = set.libraries[i].name;
    out += text("<rect x='%.0f' y='%.0f' width='14' height='4' fill='%s'/>", x, y - 6, color_of(i));
    out += text("<text x='%.0f' y='%.0f'>%s</text>\n", x + 20, y, escaped(name).c_str());
    x += 50 + 8 * static_cast<double>(name.size());
  }
  return out;
}

}  // namespace

std::string svg_plot(const SetResult& set, ClockKind clock) {
  const double width = left + 2 * panel_width + gap + 30;
  const double height = top + panel_height + 50 + legend_height;
  std::string out = text(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %.0f %.0f' width='%.0f' "
      "height='%.0f'>\n<style>text{font:13px sans-serif;fill:#222}.title{font-weight:bold}"
      ".middle{text-anchor:middle}.end{text-anchor:end}.grid{stroke:#ddd}"
      ".frame{fill:none;stroke:#444}</style>\n<rect width='100%%' height='100%%' fill='white'/>\n",
      width, height, width, height);
  const RateAxis axis = axis_of(set, clock);
  const Panel one(left, axis);
  const Panel all(left + panel_width + gap, axis);
  const std::string what = text("%s (%zu x %zu, %s): queries/s, ", set.name.c_str(), set.rows,
                                set.dims, metric_name(set.metric));
  out += one.frame(what + "1 thread") + all.frame(text("queries/s, %d threads", set.threads));
  for (std::size_t i = 0; i < set.libraries.size(); ++i) {
    out += one.curve(frontier(set.libraries[i], Threads::one, clock), color_of(i));
    out += all.curve(frontier(set.libraries[i], Threads::all, clock), color_of(i));
  }
  return out + legend(set, height - 14) + "</svg>\n";
}

}  // namespace dvecdb::bench::ann

#include <optional>

#include "bench/ann/text.h"
#include "bench/pgvector/rates.h"
#include "bench/pgvector/report.h"

namespace dvecdb::bench::pgvector {

namespace {

using ann::text;

constexpr double recalls[] = {0.95, 0.99, 0.999};
constexpr double memory_goal = 5;
constexpr double disk_goal = 8;

struct Goal {
  const char* measure;
  const char* target;
  double ratio;
  bool is_most;  ///< the ratio is at most this, else at least
};

constexpr Goal goals[] = {
    {"insert rows/s", "insert-rate", 3, false},
    {"copy rows/s", "copy-rate", 3, false},
    {"insert WAL bytes/row", "insert-wal", 1.0 / 3, true},
    {"insert WAL bytes/row without images", "insert-wal-without-images", 1.0 / 3, true},
    {"insert WAL bytes/row of the index", "insert-wal-of-the-index", 1.0 / 3, true},
    {"copy WAL bytes/row", "copy-wal", 1.0 / 3, true},
    {"exact scan ms", "exact-scan-time", 1.0 / 3, true},
    {"vacuum seconds", "vacuum-time", 1.0 / 3, true},
};

// How many times the peer's bytes an index may take, by dimensions; between the two in proportion.
constexpr double few_dimensions = 128;
constexpr double many_dimensions = 384;
constexpr double bytes_at_few = 2.5;
constexpr double bytes_at_many = 1.5;
constexpr double build_goal = 1.0 / 3;
constexpr double compact_bytes_goal = 0.5;
constexpr double compact_speed_goal = 1.5;
constexpr double compact_recall = 0.99;

double bytes_goal(double dimensions) {
  if (dimensions <= few_dimensions) return bytes_at_few;
  if (dimensions >= many_dimensions) return bytes_at_many;
  const double share = (dimensions - few_dimensions) / (many_dimensions - few_dimensions);
  return bytes_at_few + share * (bytes_at_many - bytes_at_few);
}

const char* verdict(bool is_met) {
  return is_met ? "met" : "short";
}

/// The lines of one set.
class Targets {
 public:
  Targets(const Results& results, const std::string& set) : results_(results), set_(set) {}

  std::vector<std::string> lines() {
    for (const SearchKind& kind : search_kinds(results_, set_)) {
      for (const double recall : recalls) add_speed(kind, recall);
    }
    add_build();
    add_ratio(ours_name, {"index bytes", "index-bytes", bytes_goal(dimensions()), true});
    add_ratio(compact_name, {"index bytes", "compact-index-bytes", compact_bytes_goal, true});
    add_compact_speed();
    for (const Goal& goal : goals) add_ratio(ours_name, goal);
    return std::move(lines_);
  }

 private:
  double dimensions() const { return results_.find(set_, peer_name, "dimensions"); }

  void add(const std::string& what, const std::string& rest) {
    lines_.push_back("TARGET " + set_ + "/" + what + ": " + rest);
  }

  void add_rates(const std::string& what, const std::optional<double>& ours,
                 const std::optional<double>& theirs, double goal) {
    const auto rate = [](const std::optional<double>& value) {
      return value ? text("%.0f/s", *value) : std::string("not reached");
    };
    const bool is_met = ours && (!theirs || *ours >= goal * *theirs);
    add(what, "ours " + rate(ours) + ", peer pgvector " + rate(theirs) + ", ratio " +
                  (ours && theirs ? text("%.2f", *ours / *theirs) : "-") +
                  text(", goal %g, %s", goal, verdict(is_met)));
  }

  void add_speed(const SearchKind& kind, double recall) {
    if (results_.find(set_, ours_name, kind.place + " searches/s") < 0) return;
    add_rates(text("%s-%zu-clients-recall-%g", kind.place.c_str(), kind.clients, recall),
              searches_at(results_, set_, ours_name, kind, recall),
              searches_at(results_, set_, peer_name, kind, recall),
              kind.place == "disk" ? disk_goal : memory_goal);
  }

  void add_compact_speed() {
    for (const SearchKind& kind : search_kinds(results_, set_)) {
      if (results_.find(set_, compact_name, kind.place + " searches/s") < 0) continue;
      add_rates(text("compact-%s-%zu-clients-recall-%g", kind.place.c_str(), kind.clients,
                     compact_recall),
                searches_at(results_, set_, compact_name, kind, compact_recall),
                searches_at(results_, set_, peer_name, kind, compact_recall), compact_speed_goal);
    }
  }

  /// A faster build counts at equal or better recall only, by the default ef_search: at lower ones
  /// it is codes that decide, and not the graph.
  void add_build() {
    const double ours = results_.find(set_, ours_name, "build seconds");
    const double theirs = results_.find(set_, peer_name, "build seconds");
    const auto our_recall = recall_at_default(results_, set_, ours_name);
    const auto their_recall = recall_at_default(results_, set_, peer_name);
    if (ours < 0 || theirs < 0 || !our_recall || !their_recall) return;
    const bool is_met = ours <= build_goal * theirs && *our_recall >= *their_recall;
    add("build-time",
        text(
            "ours %.2f s (recall %.4f at ef_search %zu), peer pgvector %.2f s (recall %.4f), ratio "
            "%.2f, goal %.2f or less, %s",
            ours, *our_recall, default_ef_search, theirs, *their_recall, ours / theirs, build_goal,
            verdict(is_met)));
  }

  void add_ratio(const char* contender, const Goal& goal) {
    const double ours = results_.find(set_, contender, goal.measure);
    const double theirs = results_.find(set_, peer_name, goal.measure);
    if (ours < 0 || theirs <= 0) return;
    const double ratio = ours / theirs;
    const bool is_met = goal.is_most ? ratio <= goal.ratio : ratio >= goal.ratio;
    add(goal.target,
        text("ours %.5g, peer pgvector %.5g, ratio %.2f, goal %.2f%s, %s", ours, theirs, ratio,
             goal.ratio, goal.is_most ? " or less" : "", verdict(is_met)));
  }

  const Results& results_;
  const std::string set_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> target_lines(const Results& results) {
  std::vector<std::string> lines;
  for (const std::string& set : results.sets()) {
    for (std::string& line : Targets(results, set).lines()) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace dvecdb::bench::pgvector

#include "bench/pgvector/rates.h"

#include <algorithm>
#include <map>

#include "bench/ann/curve.h"

namespace dvecdb::bench::pgvector {

namespace {

constexpr const char* suffix = " searches/s";

bool is_rate(const Measure& measure) {
  return measure.clients != 0 && measure.name.ends_with(suffix);
}

std::map<std::size_t, double> recalls_by_ef(const Results& results, const std::string& set,
                                            const std::string& contender) {
  std::map<std::size_t, double> recalls;
  for (const Measure& measure : results.all()) {
    if (measure.set != set || measure.contender != contender || !is_rate(measure)) continue;
    recalls[measure.ef] = measure.recall;
  }
  return recalls;
}

struct CurveName {
  const std::string& set;
  const std::string& contender;
  const SearchKind& kind;
  const char* suffix;  ///< of the measures' names, behind the place
};

/// The points of which `rate` makes queries a second.
template <class Rate>
std::optional<double> at_recall(const Results& results, const CurveName& name, double recall,
                                Rate rate) {
  ann::LibraryResult curve;
  for (const Measure& measure : results.all()) {
    if (measure.set != name.set || measure.contender != name.contender ||
        measure.name != name.kind.place + name.suffix || measure.clients != name.kind.clients) {
      continue;
    }
    ann::Point point;
    point.recall = measure.recall;
    point.one.wall = rate(measure);
    curve.points.push_back(point);
  }
  return ann::rate_at(ann::frontier(curve, ann::Threads::one, ann::ClockKind::wall), recall);
}

}  // namespace

std::optional<double> searches_at(const Results& results, const std::string& set,
                                  const std::string& contender, const SearchKind& kind,
                                  double recall) {
  const auto rate = [](const Measure& measure) { return measure.value; };
  return at_recall(results, {set, contender, kind, suffix}, recall, rate);
}

std::optional<double> processor_us_at(const Results& results, const std::string& set,
                                      const std::string& contender, const SearchKind& kind,
                                      double recall) {
  const auto rate = [](const Measure& measure) { return 1e6 / measure.value; };
  const auto found = at_recall(results, {set, contender, kind, " processor us"}, recall, rate);
  return found ? std::optional(1e6 / *found) : std::nullopt;
}

std::vector<SearchKind> search_kinds(const Results& results, const std::string& set) {
  std::vector<SearchKind> kinds;
  for (const Measure& measure : results.all()) {
    if (measure.set != set || !is_rate(measure)) continue;
    const SearchKind kind{measure.name.substr(0, measure.name.find(' ')), measure.clients};
    const bool is_known = std::any_of(kinds.begin(), kinds.end(), [&](const SearchKind& other) {
      return other.place == kind.place && other.clients == kind.clients;
    });
    if (!is_known) kinds.push_back(kind);
  }
  return kinds;
}

std::optional<double> recall_at_default(const Results& results, const std::string& set,
                                        const std::string& contender) {
  const auto recalls = recalls_by_ef(results, set, contender);
  const auto found = recalls.find(default_ef_search);
  return found == recalls.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace dvecdb::bench::pgvector

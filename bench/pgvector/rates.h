// Searches a second at a recall, out of what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/pgvector/results.h"

namespace dvecdb::bench::pgvector {

struct SearchKind {
  std::string place;  ///< memory or disk
  std::size_t clients;
};

/// Nothing when the recall was not reached; between points as dvecdb_bench_ann has it.
std::optional<double> searches_at(const Results& results, const std::string& set,
                                  const std::string& contender, const SearchKind& kind,
                                  double recall);

/// Likewise the server's processor time for a search, in microseconds.
std::optional<double> processor_us_at(const Results& results, const std::string& set,
                                      const std::string& contender, const SearchKind& kind,
                                      double recall);

/// Which were measured of a set.
std::vector<SearchKind> search_kinds(const Results& results, const std::string& set);

/// At the ef_search that both have by default; nothing when it was not measured.
constexpr std::size_t default_ef_search = 40;
std::optional<double> recall_at_default(const Results& results, const std::string& set,
                                        const std::string& contender);

}  // namespace dvecdb::bench::pgvector

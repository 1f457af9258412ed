// Searches by the index.
#pragma once

#include "bench/pgvector/options.h"
#include "bench/pgvector/results.h"

namespace dvecdb::bench::pgvector {

/// Climbs a ladder of ef_search until recall is full, then times the points of all contenders in
/// turns, with each number of clients.
void measure_searches(const ann::VectorSet& set, const Options& options, Results& results);

/// The same ef_search as were measured in memory, of one contender after the other: what is read
/// from disk for one must not push out another's pages meanwhile.
void measure_disk_searches(const ann::VectorSet& set, const Options& options, Results& results);

struct RecallCheck {
  std::size_t queries;
  std::size_t ef;
};
/// Recall@10 of searches by the index against the same searches by a scan of the table as it is.
double recall_against_scan(demo::Client& client, const Table& table, const ann::VectorSet& set,
                           RecallCheck check);

}  // namespace dvecdb::bench::pgvector

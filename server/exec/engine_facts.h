// What metrics tell of the engine beside its status: each table and index, and what the store has
// done. Values alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "server/storage/store_counters.h"

namespace dvecdb::server::exec {

// `table` is qualified with its schema, unless that is public.
struct TableFacts {
  std::string database, table;
  double rows = 0;  // with a vector in the table's index; without an index, as ANALYZE found
};

struct IndexFacts {
  std::string database, table, index;
  std::int64_t vectors = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t disk_bytes = 0;
  std::int64_t delta_rows = 0;
  double deleted_ratio = 0;  // of the graph's nodes
  double recall = 0;         // 0: not measured
  double build_seconds = 0;  // 0: not built since the start
  double build_share = -1;   // less than 0: no build runs
};

struct CacheFacts {
  const char* name = "";
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};

struct EngineFacts {
  std::vector<TableFacts> tables;
  std::vector<IndexFacts> indexes;
  std::int64_t log_bytes = 0;
  std::vector<CacheFacts> caches;
  storage::DurationCounter::Counts commits;
  storage::DurationCounter::Counts syncs;
};

}  // namespace dvecdb::server::exec

#pragma once

namespace dvecdb::extension {

/// Whether a scan that ran out of its ef_search candidates goes on.
enum class IterativeScan : int {
  off,
  relaxed_order,  ///< goes on; rows of a later round may be nearer than some already returned
  strict_order,   ///< goes on; leaves such rows out
};

/// The session's settings hnsw.*, as pgvector has them.
struct Settings {
  int ef_search;               ///< candidates kept by a walk, 1 to 1000
  int iterative_scan;          ///< an IterativeScan
  int max_scan_tuples;         ///< heap rows that an iterative scan compares at most
  double scan_mem_multiplier;  ///< of work_mem, that an iterative scan may take; 1 to 1000
};

/// Read these each time: SET changes them.
const Settings& settings();

/// Defines the settings; once a process, from _PG_init. Raises when another library (pgvector's)
/// has defined them in this process.
void register_settings();

}  // namespace dvecdb::extension
